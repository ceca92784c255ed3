#include "replicate/target_writer.h"

#include <optional>
#include <utility>

#include "document/damage.h"
#include "replicate/protocol_json.h"

namespace couchlet {

namespace {

size_t bytes_of(std::span<const std::string_view> documents) {
  size_t bytes = 0;
  for (const std::string_view document : documents) bytes += document.size();
  return bytes;
}

// That is said in the row of a document, but of the state that the server is in.
bool is_of_server(const WriteResult& refused) {
  const Error& error = *refused.error;
  return error.status != 500 || refused.id.empty() || error.name == "timeout" ||
         error.name == "internal_server_error" || error.name == "error";
}

// The error of all, if what is said of each means that the target can take nothing now.
std::optional<Error> error_of_all(const Peer& target, size_t documents,
                                  const std::vector<WriteResult>& refused) {
  std::optional<Error> last;
  size_t count = 0;
  for (const WriteResult& result : refused) {
    if (is_final_for_document(*result.error)) continue;
    if (!target.is_remote() || is_of_server(result)) return result.error;
    last = result.error;
    ++count;
  }
  return documents > 1 && count == documents ? last : std::nullopt;
}

void put_halves(std::span<const std::string_view> piece,
                std::vector<std::span<const std::string_view>>& to_do) {
  const size_t half = piece.size() / 2;
  to_do.push_back(piece.subspan(half));
  to_do.push_back(piece.first(half));
}

}  // namespace

bool is_final_for_document(const Error& error) {
  if (is_damage(error)) return true;
  return error.status >= 400 && error.status < 500 && error.status != 408 && error.status != 429;
}

bool is_about_one_document(const Error& error) {
  return error.status == 413 || error.name == "missing_stub" ||
         (error.status == 400 && (error.name == "doc_validation" || error.name == "illegal_docid" ||
                                  error.name == kSpoiltAttachment));
}

Task<Result<void>> TargetWriter::write(std::vector<std::string_view> documents, Report report) {
  std::vector<Documents> to_do;  // the next one last
  if (!documents.empty()) to_do.emplace_back(documents);
  while (!to_do.empty()) {
    const Documents piece = to_do.back();
    to_do.pop_back();
    if (piece.size() > 1 && bytes_of(piece) > max_bytes_) {
      put_halves(piece, to_do);
    } else {
      CO_TRY(co_await write_piece(piece, to_do, report));
    }
  }
  co_return Result<void>();
}

Task<Result<void>> TargetWriter::write_piece(Documents piece, std::vector<Documents>& to_do,
                                             const Report& report) {
  auto refused = co_await target_.write({piece.begin(), piece.end()});
  if (!refused.ok()) {
    Error error = std::move(refused).error();
    // Of a single document the peer knows better whether it is to blame for a 400.
    const bool may_be_one = is_about_one_document(error) || error.status == 400;
    if (piece.size() > 1 && may_be_one) {
      if (error.status == 413) max_bytes_ = bytes_of(piece) / 2;
      put_halves(piece, to_do);
      co_return Result<void>();
    }
    if (!is_about_one_document(error)) co_return error;
    DocumentIdentity identity = identity_of(piece.front());
    report(piece, {{std::move(identity.id), std::move(identity.rev), std::move(error)}});
    co_return Result<void>();
  }
  if (auto error = error_of_all(target_, piece.size(), *refused)) co_return *std::move(error);
  report(piece, *refused);
  co_return Result<void>();
}

}  // namespace couchlet
