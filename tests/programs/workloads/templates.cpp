// Work for a compiler: tables computed at compile time, deep recursion of templates, and much of
// the standard library.
#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace {

constexpr auto make_primes() {
  std::array<int, 500> primes{};
  std::size_t count = 0;
  for (int candidate = 2; count < primes.size(); ++candidate) {
    bool prime = true;
    for (std::size_t i = 0; i < count && primes[i] * primes[i] <= candidate; ++i) {
      if (candidate % primes[i] == 0) {
        prime = false;
        break;
      }
    }
    if (prime) primes[count++] = candidate;
  }
  return primes;
}
constexpr auto kPrimes = make_primes();

template <int... Is>
struct Sequence {
  static constexpr int sum = (0 + ... + Is);
};
template <class A, class B>
struct Join;
template <int... As, int... Bs>
struct Join<Sequence<As...>, Sequence<Bs...>> {
  using type = Sequence<As..., Bs...>;
};
template <int From, int To>
struct Range {
  static constexpr int kMiddle = (From + To) / 2;
  using type =
      typename Join<typename Range<From, kMiddle>::type, typename Range<kMiddle, To>::type>::type;
};
template <int From>
struct Range<From, From + 1> {
  using type = Sequence<From * From % 97>;
};

template <int N>
struct Shape {
  int side = N;
  [[nodiscard]] int area() const { return side * N; }
};

template <std::size_t... Is>
auto shapes(std::index_sequence<Is...>) {
  using Any = std::variant<Shape<static_cast<int>(Is)>...>;
  std::vector<Any> all;
  (all.emplace_back(Shape<static_cast<int>(Is)>{}), ...);
  int total = 0;
  for (const Any& any : all)
    total += std::visit([](const auto& shape) { return shape.area(); }, any);
  return total;
}

template <class... Parts>
std::string describe(const std::tuple<Parts...>& parts) {
  std::ostringstream out;
  std::apply([&](const auto&... part) { ((out << part << ';'), ...); }, parts);
  return out.str();
}

template <int Depth>
struct Nest {
  static auto make() {
    if constexpr (Depth == 0) {
      return std::map<std::string, int>{{"leaf", 1}};
    } else {
      return std::map<std::string, decltype(Nest<Depth - 1>::make())>{
          {"nest" + std::to_string(Depth), Nest<Depth - 1>::make()}};
    }
  }
};

}  // namespace

int main() {
  std::cout << Range<0, 250>::type::sum << ' ' << kPrimes.back() << ' '
            << shapes(std::make_index_sequence<16>{}) << '\n';
  std::cout << describe(std::make_tuple(1, 'x', "text", 2.5, std::string("more")))
            << Nest<5>::make().begin()->first << '\n';
  std::unordered_map<std::string, std::vector<int>> words;
  std::set<std::tuple<int, std::string>> order;
  for (int i = 0; i < 2000; ++i) {
    std::istringstream text("word " + std::to_string(i % 37) + " other " + std::to_string(i % 11));
    std::string name;
    int number = 0;
    while (text >> name >> number) {
      words[name].push_back(number);
      order.emplace(number, name);
    }
  }
  std::vector<std::function<int(int)>> steps;
  for (int i = 0; i < 100; ++i)
    steps.emplace_back(
        [i, keep = std::make_shared<int>(i)](int x) { return (x * 31 + *keep + i) % 10007; });
  int value = 1;
  for (const auto& step : steps) value = step(value);
  std::deque<int> line(1000);
  std::iota(line.begin(), line.end(), 0);
  std::rotate(line.begin(), line.begin() + 333, line.end());
  std::stable_sort(line.begin(), line.end(), [](int a, int b) { return a % 100 < b % 100; });
  std::cout << words.size() << ' ' << order.size() << ' ' << value << ' ' << line[500] << '\n';
#ifdef MISTAKE
  std::map<std::vector<std::variant<int, std::string>>, std::set<std::function<void()>>> map;
  map[1] = order;
  std::sort(words.begin(), words.end());
  map.begin()->second.insert([](int) {});
  Range<0, 10>::type::nothing();
#endif
}
