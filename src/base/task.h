// Task<T>: a coroutine that is started by its first awaiter and owned by whoever holds it.
//
//   Task<Result<int>> twice(Reader& reader) {
//     CO_TRY_ASSIGN(int n, co_await reader.next());
//     co_return 2 * n;
//   }
//
// One thread, no locks. A task that finishes without waiting is consumed by its awaiter without
// being suspended, so a loop over tasks that complete at once uses constant stack: WebAssembly
// without the tail-call proposal has no symmetric transfer, so this is done by hand (await_suspend
// returns false).
//
// spawn(task) runs a Task<void> on its own; its frame frees itself at the end. There is no
// cancellation from outside: what waits is told to give up through its own interface (see Event,
// CancelToken users), and returns in the ordinary way. Destroying a suspended Task destroys its
// frame.
#pragma once

#include <coroutine>
#include <cstdlib>
#include <optional>
#include <utility>

namespace couchlet {

template <typename T>
class Task;

namespace task_detail {

struct PromiseBase {
  std::coroutine_handle<> continuation;
  bool awaiter_is_suspended = false;

  std::suspend_always initial_suspend() noexcept { return {}; }

  struct FinalAwaiter {
    bool await_ready() noexcept { return false; }
    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> finished) noexcept {
      PromiseBase& promise = finished.promise();
      if (promise.awaiter_is_suspended) promise.continuation.resume();
    }
    void await_resume() noexcept {}
  };
  FinalAwaiter final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { std::abort(); }
};

template <typename T>
struct Promise : PromiseBase {
  std::optional<T> value;
  Task<T> get_return_object() noexcept;
  template <typename U>
  void return_value(U&& returned) {
    value.emplace(std::forward<U>(returned));
  }
  T take() { return std::move(*value); }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object() noexcept;
  void return_void() noexcept {}
  void take() noexcept {}
};

}  // namespace task_detail

template <typename T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = task_detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) noexcept : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      if (handle_) handle_.destroy();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  auto operator co_await() && noexcept { return Awaiter{handle_}; }
  auto operator co_await() & noexcept { return Awaiter{handle_}; }

 private:
  struct Awaiter {
    Handle handle;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> awaiter) {
      auto& promise = handle.promise();
      promise.continuation = awaiter;
      handle.resume();
      if (handle.done()) return false;  // finished without waiting: go straight on
      promise.awaiter_is_suspended = true;
      return true;
    }
    T await_resume() { return handle.promise().take(); }
  };

  Handle handle_;
};

namespace task_detail {

template <typename T>
Task<T> Promise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

// A frame that starts at once and frees itself.
struct Detached {
  struct promise_type {
    Detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::abort(); }
  };
};

inline Detached run_detached(Task<void> task) { co_await task; }

}  // namespace task_detail

// Starts `task` now; it runs on until it first waits, and ends on its own.
inline void spawn(Task<void> task) { task_detail::run_detached(std::move(task)); }

}  // namespace couchlet
