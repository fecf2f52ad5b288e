"""Work that is done later or over and over, as stored rows that workers claim."""
