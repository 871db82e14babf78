# python3: objects, containers, strings, json, pickle, compression, a database, threads and forked processes.
# PYTHONMALLOC=malloc sends every small object to malloc too.
/usr/bin/python3 "$(dirname "$0")/python_script.py"
PYTHONMALLOC=malloc /usr/bin/python3 "$(dirname "$0")/python_script.py"
