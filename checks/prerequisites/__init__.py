"""What verification of certificates needs round about: time, names, DNS."""
