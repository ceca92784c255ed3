#include "replicate/attachment_stubs.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "json/json_reader.h"
#include "json/json_writer.h"

namespace couchlet {

namespace {

// CouchDB's compressible_types, as it comes (config/misc.html).
bool is_compressible(std::string_view type) {
  type = type.substr(0, type.find(';'));
  return type.starts_with("text/") || type == "application/javascript" ||
         type == "application/json" || type == "application/xml";
}

struct StubsAndHistory {
  std::vector<AttachmentStub> stubs;
  std::vector<AttachmentStub> following;
  uint64_t start = 0;               // the generation of the first of these
  std::vector<std::string> hashes;  // newest first
};

// Appends the next attachment if its bytes are not in the text.
void read_stub(JsonReader& reader, std::string name, StubsAndHistory& read) {
  AttachmentStub stub;
  stub.name = std::move(name);
  bool is_stub = false;
  bool is_following = false;
  bool is_encoded = false;
  reader.enter_object();
  for (std::string field; reader.next_member(field);) {
    if (field == "digest") {
      reader.read_string(stub.digest);
    } else if (field == "length") {
      reader.read_uint64(stub.length);
    } else if (field == "revpos") {
      reader.read_uint64(stub.revpos);
    } else if (field == "stub") {
      reader.read_bool(is_stub);
    } else if (field == "follows") {
      reader.read_bool(is_following);
    } else if (field == "content_type") {
      reader.read_string(stub.content_type);
    } else {
      is_encoded = is_encoded || field == "encoding";
      reader.skip();
    }
  }
  stub.may_be_gzipped = is_encoded || is_compressible(stub.content_type);
  if (is_stub) {
    read.stubs.push_back(std::move(stub));
  } else if (is_following) {
    read.following.push_back(std::move(stub));
  }
}

const StagedBytes* staged_for(const AttachmentStub& stub, std::span<const StagedBytes> staged) {
  const auto found = std::find_if(staged.begin(), staged.end(), [&](const StagedBytes& one) {
    return one.stands_for == stub.digest && !stub.digest.empty();
  });
  return found == staged.end() ? nullptr : &*found;
}

// The object of attachments, as with_staged_following tells; "" if there are none.
std::string attachments_with_staged(std::string_view attachments,
                                    std::span<const StagedBytes> staged) {
  std::string text;
  bool has_staged = false;
  JsonReader reader(attachments);
  reader.enter_object();
  for (std::string name; reader.next_member(name);) {
    std::string_view entry;
    reader.read_raw(entry);
    text.push_back(text.empty() ? '{' : ',');
    StubsAndHistory read;
    JsonReader stub_reader(entry);
    read_stub(stub_reader, name, read);
    const StagedBytes* bytes =
        read.stubs.empty() ? nullptr : staged_for(read.stubs.front(), staged);
    if (bytes == nullptr) {
      append_json_string(text, name);
      text.append(":").append(entry);
    } else {
      const AttachmentStub& stub = read.stubs.front();
      append_following_attachment(
          text, {name, stub.content_type, bytes->digest, bytes->length, stub.revpos});
      has_staged = true;
    }
  }
  return reader.at_end() && has_staged ? text + "}" : "";
}

void read_revisions(JsonReader& reader, StubsAndHistory& read) {
  reader.enter_object();
  for (std::string field; reader.next_member(field);) {
    if (field == "start") {
      reader.read_uint64(read.start);
    } else if (field == "ids") {
      reader.enter_array();
      while (reader.next_element()) reader.read_string(read.hashes.emplace_back());
    } else {
      reader.skip();
    }
  }
}

StubsAndHistory read_document(std::string_view document) {
  StubsAndHistory read;
  JsonReader reader(document);
  reader.enter_object();
  for (std::string member; reader.next_member(member);) {
    if (member == "_attachments") {
      reader.enter_object();
      for (std::string name; reader.next_member(name);) read_stub(reader, name, read);
    } else if (member == "_revisions") {
      read_revisions(reader, read);
    } else {
      reader.skip();
    }
  }
  return reader.at_end() ? read : StubsAndHistory{};
}

bool is_ancestor(const Revision& revision, const StubsAndHistory& read) {
  const uint64_t generation = revision.generation();
  if (generation >= read.start || read.start - generation >= read.hashes.size()) return false;
  return read.hashes[static_cast<size_t>(read.start - generation)] == revision.hash_text();
}

}  // namespace

std::vector<AttachmentStub> lacking_stubs(std::string_view document,
                                          std::span<const Revision> known) {
  // Most documents have none, and need not be read.
  if (document.find("\"_attachments\"") == std::string_view::npos) return {};
  StubsAndHistory read = read_document(document);
  uint64_t known_since = 0;
  for (const Revision& revision : known) {
    if (is_ancestor(revision, read)) known_since = std::max(known_since, revision.generation());
  }
  // One that doesn't say since when it is there (0) may be new.
  std::erase_if(read.stubs, [known_since](const AttachmentStub& stub) {
    return stub.revpos != 0 && stub.revpos <= known_since;
  });
  return std::move(read.stubs);
}

std::vector<AttachmentStub> following_attachments(std::string_view document) {
  if (document.find("\"follows\":true") == std::string_view::npos) return {};
  return read_document(document).following;
}

std::string with_staged_following(std::string_view document, std::span<const StagedBytes> staged) {
  if (staged.empty()) return "";
  JsonReader reader(document);
  reader.enter_object();
  for (std::string member; reader.next_member(member);) {
    std::string_view value;
    reader.read_raw(value);
    if (member != "_attachments") continue;
    const std::string attachments = attachments_with_staged(value, staged);
    if (attachments.empty()) return "";
    const auto at = static_cast<size_t>(value.data() - document.data());
    std::string text(document.substr(0, at));
    return text.append(attachments).append(document.substr(at + value.size()));
  }
  return "";
}

}  // namespace couchlet
