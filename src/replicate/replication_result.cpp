// What a replication has done so far, in the shape of PouchDB's `change` and `complete` events.
#include <string>

#include "json/json_writer.h"
#include "replicate/calendar.h"
#include "replicate/replicator.h"

namespace couchlet {

std::string replication_result_json(const ReplicationResult& result) {
  std::string text = "{\"ok\":";
  const auto add = [&text](std::string_view name, std::string_view raw) {
    text.append(",\"").append(name).append("\":").append(raw);
  };
  text.append(result.status == "aborting" ? "false" : "true");
  add("start_time", json_string(iso_date(result.start_time_ms)));
  if (result.end_time_ms > 0) add("end_time", json_string(iso_date(result.end_time_ms)));
  add("docs_read", std::to_string(result.docs_read));
  add("docs_written", std::to_string(result.docs_written));
  add("doc_write_failures", std::to_string(result.doc_write_failures));
  add("errors", "[]");
  add("last_seq", result.last_sequence);
  if (result.pending) add("pending", std::to_string(*result.pending));
  if (result.status != "running") add("status", json_string(result.status));
  text.push_back('}');
  return text;
}

}  // namespace couchlet
