// Nothing: what the linker is told to export of the library, and what that needs, is the module.
