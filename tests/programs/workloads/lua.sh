# lua, whose only allocator function is realloc: tables that grow, strings, closures, coroutines, collection.
lua5.4 "$(dirname "$0")/script.lua"
