# node: maps, buffers, json, compression, and worker threads that come and go.
node "$(dirname "$0")/node_script.js"
