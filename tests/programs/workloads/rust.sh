# rustc compiling a program with threads, and that program. Where rustc comes from rustup, it looks for its files at home.
cp "$(dirname "$0")/threads.rs" .
rustc --version
rustc --edition 2021 -O threads.rs -o threads
./threads
