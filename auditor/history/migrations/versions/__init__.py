"""One module for each change of the tables; none is edited once it has been released."""
