// Damage: what is stored and can't be read any more, as it was changed outside of the engine. It
// costs the document it is met in, and nothing beside; repair.h makes good what can be.
#pragma once

#include "base/result.h"

namespace couchlet {

inline bool is_damage(const Error& error) { return error.name == "corrupt_data"; }

}  // namespace couchlet
