// Damage: what is stored and can't be read any more, as it was changed outside of the engine. It
// costs the document it is met in, and nothing beside; repair.h makes good what can be.
#pragma once

#include <string>

#include "base/result.h"
#include "json/json_writer.h"

namespace couchlet {

inline bool is_damage(const Error& error) { return error.name == "corrupt_data"; }

// Damaged, or missing: there is no body to give.
inline bool is_lost(const Error& error) { return is_damage(error) || error.status == 404; }

// ,"error": …,"reason": … in the row of a list, whose other rows it is no matter of. REQUIRES:
// is_lost(error). A missing body isn't called "not_found", as a document that never was is.
inline void append_error_members(std::string& row, const Error& error) {
  row.append(",\"error\":").append(is_damage(error) ? "\"corrupt_data\"" : "\"missing\"");
  row.append(",\"reason\":");
  append_json_string(row, error.reason);
}

}  // namespace couchlet
