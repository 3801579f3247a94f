"""`make faults`: a site whose processes, servers, disk and image service fail while it works."""
