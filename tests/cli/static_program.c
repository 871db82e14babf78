/* Linked with -static: there is no loader that could be told about another allocator. */
int main(void) { return 0; }
