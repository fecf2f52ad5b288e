"""Problems and their fixes: what breaks for whom, why, by what a change will be judged, and whether it held."""
