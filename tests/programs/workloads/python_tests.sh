# python3 running a part of its own test suite: every test must end the same way. With PYTHONMALLOC=malloc every small
# object comes from malloc too.
suite="$(dirname "$0")/python_suite.py"
echo "small objects from pymalloc"
/usr/bin/python3 "$suite" test_array test_bytes test_deque test_dict test_fork1 test_json test_list test_memoryview \
  test_pickle test_re test_thread test_threading test_threading_local test_tuple test_unicode test_xml_etree_c test_zlib
echo "all objects from malloc"
export PYTHONMALLOC=malloc
/usr/bin/python3 "$suite" test_collections test_coroutines test_dataclasses test_decimal test_descr test_dict test_enum \
  test_functools test_json test_list test_mmap test_ordered_dict test_re test_struct test_thread
