# A C++ compiler on a file that makes it work: the same object code, a program that runs, and the same complaints about
# mistakes. $1 is the compiler.
compiler=$1
cp "$(dirname "$0")/templates.cpp" .
"$compiler" --version | head -1
"$compiler" -std=c++20 -O1 -g -c templates.cpp -o templates.o
"$compiler" templates.o -o templates
./templates
strip -g templates.o
sha256sum templates.o
if "$compiler" -std=c++20 -DMISTAKE -fsyntax-only templates.cpp 2>mistakes; then exit 1; fi
wc -l <mistakes
sha256sum <mistakes
