"""A ledger of any size out of a real log: its cases drawn over and over, under new names, at shifted times."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parent.parent
_LOG = (
    Path(os.environ.get("ABOVEBOARD_DATA", ROOT.parent / "shared" / "data")) / "servicenow" / "incident_event_log.zip"
)

# Incidents of a service desk: the first row of a case opens it, every further one shows its state.
_BASE = """
create table base as
select number as case_name,
       strptime(sys_updated_at, '%d/%m/%Y %H:%M') as seen,
       row_number() over (partition by number order by cast(sys_mod_count as integer)) as place,
       nullif(caller_id, '?') as caller, nullif(contact_type, '?') as channel, nullif(category, '?') as touchpoint,
       nullif(assignment_group, '?') as team, nullif(assigned_to, '?') as employee, incident_state as state,
       priority
from read_csv('{csv}', all_varchar = true, header = true)
"""

# Without the real log: cases of a few events each, invented, so that the benchmark still runs.
_INVENTED = """
create table base as
select 'INC' || c as case_name,
       timestamp '2016-03-01' + to_minutes(cast(hash(c) % 500000 + place * (hash(c, place) % 2000) as integer)) as seen,
       place, 'Caller ' || hash(c) % 5000 as caller, 'Phone' as channel, 'Category ' || hash(c) % 60 as touchpoint,
       'Group ' || hash(c, place // 2) % 80 as team, 'Resolver ' || hash(c, place) % 250 as employee,
       case when place = 1 then 'New' when place = 5 then 'Resolved' when place = 6 then 'Closed' else 'Active' end as state,
       '3 - Moderate' as priority
from range(25000) cases(c), range(1, 7) places(place)
"""

_DRAWN = """
copy (
  with drawn as (
    select base.*, copy, hash(case_name, copy) as chance
    from base, range({copies}) copies(copy)
  )
  select 'e' || row_number() over () as id,
         case when place = 1 then 'case.opened' when state = 'Closed' then 'case.closed' else 'status.changed' end as type,
         (seen + to_microseconds(cast(chance % 31536000 as bigint) * 1000000
             + cast(hash(case_name, copy, place) % 60000000 as bigint))) at time zone 'UTC' as time,
         time as recorded_at,
         'servicenow' as source,
         caller || '/' || copy as customer,
         'ticket:' || case_name || '-' || copy as subject,
         lower(channel) as channel, touchpoint, team, employee,
         cast(null as varchar) as rule,
         state as outcome,
         cast(null as double) as value,
         cast(null as timestamptz) as due,
         cast(null as varchar) as audience,
         cast(null as varchar) as text,
         '{{"priority":"' || priority || '"}}' as attributes
  from drawn
  order by time
  limit {events}
) to '{file}' (format parquet, compression snappy)
"""


def ledger(events: int, folder: Path) -> Path:
    """Write (once) a ledger of `events` events as Parquet in `folder`, in order of time; hand back the file."""
    file = folder / f"events-{events}.parquet"
    if file.exists():
        return file
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set temp_directory = '{folder}/spill'")
        _load(connection, folder)
        held = connection.execute("select count(*) from base").fetchall()[0][0]
        draft = file.with_suffix(".draft")
        connection.execute(_DRAWN.format(copies=events // held + 1, events=events, file=draft))
    draft.rename(file)
    return file


def _load(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    if not _LOG.exists():
        connection.execute(_INVENTED)
        return
    with zipfile.ZipFile(_LOG) as packed:
        csv = packed.extract("incident_event_log.csv", folder)
    connection.execute(_BASE.format(csv=csv))
    Path(csv).unlink()
