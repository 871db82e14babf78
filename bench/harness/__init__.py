"""What the scripts in bench/ share: allocators, programs, starting one under the other, tables."""
