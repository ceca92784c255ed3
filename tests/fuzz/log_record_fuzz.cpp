// A log made of any bytes, from record 1 on. Each piece of the input (a byte of kind, two of
// length) is a record as it is, or the payload of one, in a frame whose checksums are right: the
// fuzzer would not find these by itself. What is read must be written again as it was; else it is
// one of the errors that tell of damage.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "base/run_task.h"
#include "fuzz_target.h"
#include "store/log_reader.h"
#include "store/log_writer.h"
#include "store/memory_medium.h"
#include "store/snapshot_gone.h"

namespace couchlet {
namespace {

using Data = std::shared_ptr<MemoryMediumData>;

void add_record(Data& data, uint64_t number, uint8_t kind, std::string_view bytes) {
  if (kind % 2 == 0) {
    data->records(Area::kLog)[number] = bytes;
    return;
  }
  FrameWriter frame(kLogFrame);
  // Repeated, a short input makes a record with parts.
  for (size_t times = kind >= 250 ? 200 : 1; times > 0; --times) frame.append(bytes);
  const auto records = frame.finish();
  data->records(Area::kLog)[number] = records[0];
  for (size_t part = 1; part < records.size(); ++part) {
    data->records(Area::kParts)[log_part_number(number, part - 1)] = records[part];
  }
}

Data log_of(std::string_view bytes) {
  auto data = std::make_shared<MemoryMediumData>();
  FuzzInput input(bytes);
  for (uint64_t number = 1; !input.at_end(); ++number) {
    const uint8_t kind = input.take_byte();
    const size_t size = input.take_byte() + size_t{256} * input.take_byte();
    add_record(data, number, kind, input.take(size));
  }
  return data;
}

bool are_same(const LogEntry& one, const LogEntry& other) {
  return one.kind == other.kind && one.key == other.key && one.value == other.value;
}

// Written again and read again it is the same. Tables that it names are not part of that: a writer
// places them itself.
void check_repeats(const LogRecord& record) {
  if (record.is_void) {
    require(record.entries.empty() && record.tables.empty(), "a void record changes nothing");
    return;
  }
  LogWriter writer(record.number, record.commit_id);
  for (const LogEntry& entry : record.entries) writer.add(entry);
  const auto batch = writer.finish();
  require(batch.ok(), "what was read can be written");
  const auto data = std::make_shared<MemoryMediumData>();
  data->records(Area::kLog)[record.number] = batch->numbered->bytes;
  for (const auto& put : batch->puts) data->records(put.area)[put.number] = put.bytes;
  MemoryMedium medium(data);
  LogReader reader(medium, 1);
  const auto again = run_task(reader.next());
  require(again.ok() && again->has_value(), "what was written can be read");
  require((*again)->commit_id == record.commit_id, "the commit id stays");
  require(std::ranges::equal((*again)->entries, record.entries, are_same), "the entries stay");
}

void read_log(std::string_view bytes) {
  MemoryMedium medium(log_of(bytes));
  LogReader reader(medium, 1);
  uint64_t before = 0;
  while (true) {
    const auto record = run_task(reader.next());
    if (!record.ok()) {
      const std::string& name = record.error().name;
      require(name == "corrupt_data" || name == "unsupported_format" ||
                  is_snapshot_gone(record.error()),
              "an error tells of damage");
      continue;  // the next one is another matter
    }
    if (!record->has_value()) return;
    require((*record)->number > before, "numbers ascend");
    before = (*record)->number;
    check_repeats(**record);
  }
}

}  // namespace
}  // namespace couchlet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  couchlet::read_log(couchlet::view_of(data, size));
  return 0;
}
