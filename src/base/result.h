// Errors as values.
//
// An Error is what CouchDB would answer: an HTTP status, an error name and a reason (CouchDB
// documentation, "HTTP Status Codes" and each API page's error table). It travels unchanged from
// the engine to the caller in JavaScript, so the reason is a sentence that helps the person who
// reads it.
//
// Result<T> holds either a T or an Error. A Result must be looked at: it is [[nodiscard]], value()
// on an error aborts in every build (a bug of ours, never the input's).
#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace couchlet {

// Its special members are never inlined: an Error is passed on at every call that may fail, and the
// code to move two strings there would be a third of the WebAssembly module.
struct Error {
  int status = 500;
  std::string name;    // CouchDB's "error" field: not_found, conflict, bad_request …
  std::string reason;  // CouchDB's "reason" field

  Error();
  Error(int status, std::string name, std::string reason);
  Error(const Error& other);
  Error(Error&& other) noexcept;
  Error& operator=(const Error& other);
  Error& operator=(Error&& other) noexcept;
  ~Error();

  bool operator==(const Error&) const = default;
};

namespace errors {

Error bad_request(std::string reason);
Error not_found(std::string reason);
Error conflict();
Error corrupt(std::string reason);

}  // namespace errors

template <typename T = void>
class [[nodiscard]] Result {
 public:
  using Value = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & {
    require(ok());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    require(ok());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    require(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& {
    require(!ok());
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    require(!ok());
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  static void require(bool condition) {
    if (!condition) std::abort();
  }

  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using Value = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }

  const Error& error() const& {
    if (ok()) std::abort();
    return *error_;
  }
  Error&& error() && {
    if (ok()) std::abort();
    return std::move(*error_);
  }

 private:
  std::optional<Error> error_;
};

}  // namespace couchlet

// Evaluate an expression of type Result<…>; on an error leave the function with that error. The CO_
// forms are for coroutines. ASSIGN forms declare `variable` with the value.
#define COUCHLET_CONCAT_(a, b) a##b
#define COUCHLET_CONCAT(a, b) COUCHLET_CONCAT_(a, b)

#define TRY(expression)                                       \
  do {                                                        \
    if (auto try_result_ = (expression); !try_result_.ok()) { \
      return std::move(try_result_).error();                  \
    }                                                         \
  } while (false)

#define CO_TRY(expression)                                    \
  do {                                                        \
    if (auto try_result_ = (expression); !try_result_.ok()) { \
      co_return std::move(try_result_).error();               \
    }                                                         \
  } while (false)

#define TRY_ASSIGN(variable, expression)                              \
  auto COUCHLET_CONCAT(try_assign_, __LINE__) = (expression);         \
  if (!COUCHLET_CONCAT(try_assign_, __LINE__).ok()) {                 \
    return std::move(COUCHLET_CONCAT(try_assign_, __LINE__)).error(); \
  }                                                                   \
  variable = std::move(COUCHLET_CONCAT(try_assign_, __LINE__)).value()

#define CO_TRY_ASSIGN(variable, expression)                              \
  auto COUCHLET_CONCAT(try_assign_, __LINE__) = (expression);            \
  if (!COUCHLET_CONCAT(try_assign_, __LINE__).ok()) {                    \
    co_return std::move(COUCHLET_CONCAT(try_assign_, __LINE__)).error(); \
  }                                                                      \
  variable = std::move(COUCHLET_CONCAT(try_assign_, __LINE__)).value()
