#include "base/result.h"

#include <utility>

// Link-time optimisation would inline what a header's being apart doesn't.
#define COUCHLET_NEVER_INLINE __attribute__((noinline))

namespace couchlet {

COUCHLET_NEVER_INLINE Error::Error() = default;
COUCHLET_NEVER_INLINE Error::Error(int status, std::string name, std::string reason)
    : status(status), name(std::move(name)), reason(std::move(reason)) {}
COUCHLET_NEVER_INLINE Error::Error(const Error& other) = default;
COUCHLET_NEVER_INLINE Error::Error(Error&& other) noexcept = default;
COUCHLET_NEVER_INLINE Error& Error::operator=(const Error& other) = default;
COUCHLET_NEVER_INLINE Error& Error::operator=(Error&& other) noexcept = default;
COUCHLET_NEVER_INLINE Error::~Error() = default;

namespace errors {

COUCHLET_NEVER_INLINE Error bad_request(std::string reason) {
  return {400, "bad_request", std::move(reason)};
}
COUCHLET_NEVER_INLINE Error not_found(std::string reason) {
  return {404, "not_found", std::move(reason)};
}
COUCHLET_NEVER_INLINE Error conflict() { return {409, "conflict", "Document update conflict"}; }
COUCHLET_NEVER_INLINE Error corrupt(std::string reason) {
  return {500, "corrupt_data", std::move(reason)};
}

}  // namespace errors

}  // namespace couchlet
