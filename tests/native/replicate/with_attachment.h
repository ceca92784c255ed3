// The text of an edit that adds an attachment, as an app would write it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/base64.h"
#include "base/run_task.h"
#include "document/database.h"

namespace couchlet {

// Of the document as it is there, or of a new one; its other attachments are stubs.
inline std::string with_attachment(Database& database, const std::string& id,
                                   const std::string& name, const std::string& bytes,
                                   const std::string& type = "image/png") {
  using Json = nlohmann::ordered_json;
  const auto present = run_task(database.get(id, {}));
  Json text = present.ok() ? Json::parse(*present, nullptr, false) : Json{{"_id", id}};
  text["_attachments"][name] = {{"content_type", type}, {"data", encode_base64(bytes)}};
  return text.dump();
}

}  // namespace couchlet
