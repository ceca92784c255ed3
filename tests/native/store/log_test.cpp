// The log's records, written and read: log_format.h, log_writer.h, log_reader.h.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/run_task.h"
#include "base/seeded_random.h"
#include "store/log_reader.h"
#include "store/log_writer.h"
#include "store/memory_medium.h"
#include "store/snapshot_gone.h"

namespace couchlet {
namespace {

constexpr uint64_t kCommitId = 0x1122334455667788;

using Entries = std::map<std::string, std::string>;  // "(erased)" for an erase

MediumBatch batch_of(const Entries& entries, uint64_t number) {
  LogWriter writer(number, kCommitId);
  for (const auto& [key, value] : entries) {
    if (value == "(erased)") {
      writer.add({LogEntryKind::kErase, key, ""});
    } else {
      writer.add({LogEntryKind::kPut, key, value});
    }
  }
  return *writer.finish();
}

// A log in memory that tests may tamper with.
class Log {
 public:
  void append(const Entries& entries) {
    const auto outcome = run_task(medium.commit(batch_of(entries, ++last_number)));
    ASSERT_TRUE(outcome.ok());
    ASSERT_EQ(*outcome, CommitOutcome::kCommitted);
  }

  std::string& record(uint64_t number) { return data->records(Area::kLog).at(number); }
  std::string& part(uint64_t number, size_t part) {
    return data->records(Area::kParts).at(log_part_number(number, part));
  }

  Result<Entries> read(uint64_t number) {
    LogReader reader(medium, number);
    TRY_ASSIGN(const std::optional<LogRecord> record, run_task(reader.next()));
    if (!record) return errors::not_found("the end of the log");
    EXPECT_EQ(record->number, number);
    EXPECT_EQ(record->commit_id, kCommitId);
    EXPECT_FALSE(record->is_void);
    Entries entries;
    for (const LogEntry& entry : record->entries) {
      const bool is_put = entry.kind == LogEntryKind::kPut;
      entries[std::string(entry.key)] = is_put ? std::string(entry.value) : "(erased)";
    }
    EXPECT_EQ(entries.size(), record->entries.size());
    return entries;
  }

  // Writes `payload` as record 1, in a frame of its own.
  Error error_of(const std::string& payload, uint8_t version = kLogFrame.version) {
    FrameWriter frame({kLogFrame.magic, version});
    frame.append(payload);
    data->records(Area::kLog)[1] = frame.finish()[0];
    LogReader reader(medium, 1);
    const auto record = run_task(reader.next());
    return record.ok() ? Error{200, "ok", ""} : record.error();
  }

  std::shared_ptr<MemoryMediumData> data = std::make_shared<MemoryMediumData>();
  MemoryMedium medium{data};
  uint64_t last_number = 0;
};

std::string bytes_of(std::initializer_list<int> bytes) {
  std::string text;
  for (const int byte : bytes) text.push_back(static_cast<char>(byte));
  return text;
}

TEST(Log, a_record_is_the_bytes_that_the_format_says) {
  const MediumBatch batch = batch_of({{"a", "xyz"}, {"bc", "(erased)"}}, 7);
  ASSERT_TRUE(batch.numbered);
  EXPECT_EQ(batch.numbered->area, Area::kLog);
  EXPECT_EQ(batch.numbered->expected_number, 7U);
  EXPECT_TRUE(batch.puts.empty());
  EXPECT_TRUE(batch.deletes.empty());
  const std::string after_checksum =
      bytes_of({0,    0,    0,    0,                                // parts
                7,                                                  // the number
                0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0,  // id, tables
                1,    1,    'a',  3,    'x',  'y',  'z',            // put
                2,    2,    'b',  'c'});                            // erase
  std::string expected = bytes_of({0xC1, 3});
  put_u32le(expected, crc32c(after_checksum));
  EXPECT_EQ(batch.numbered->bytes, expected + after_checksum);
}

TEST(Log, what_was_written_is_read_whatever_its_size) {
  Log log;
  SeededRandom random(1);
  const size_t limit = kMaxRecordBytes;
  std::vector<Entries> written = {{}, {{"", ""}}, {{"erased", "(erased)"}}};
  for (const size_t around : {limit - 64, limit, 2 * limit, 3 * limit}) {
    for (size_t size = around - 40; size <= around + 40; size += 8) {
      written.push_back({{"key", std::string(size, 'v')}});
    }
  }
  Entries many;
  for (int i = 0; i < 5'000; ++i) {
    many[std::to_string(random.next())] = std::string(random.below(100), 'm');
  }
  written.push_back(many);

  for (const Entries& entries : written) log.append(entries);
  for (size_t i = 0; i < written.size(); ++i) {
    const Result<Entries> entries = log.read(i + 1);
    ASSERT_TRUE(entries.ok()) << entries.error().reason;
    EXPECT_TRUE(*entries == written[i]) << i;
  }
  for (const Area area : {Area::kLog, Area::kParts}) {
    for (const auto& [number, bytes] : log.data->records(area)) {
      EXPECT_GT(bytes.size(), 0U) << number;
      EXPECT_LE(bytes.size(), kMaxRecordBytes) << number;
    }
  }
}

TEST(Log, a_small_commit_has_no_parts_and_a_large_one_as_few_as_can_be) {
  EXPECT_EQ(batch_of({{"key", std::string(kMaxRecordBytes - 100, 'v')}}, 1).puts.size(), 0U);
  EXPECT_EQ(batch_of({{"key", std::string(kMaxRecordBytes, 'v')}}, 1).puts.size(), 1U);
  EXPECT_EQ(batch_of({{"key", std::string(10 * kMaxRecordBytes, 'v')}}, 1).puts.size(), 10U);
}

TEST(Log, parts_are_numbered_after_their_record) {
  const MediumBatch batch = batch_of({{"key", std::string(2 * kMaxRecordBytes, 'v')}}, 3);
  ASSERT_EQ(batch.puts.size(), 2U);
  EXPECT_EQ(batch.puts[0].area, Area::kParts);
  EXPECT_EQ(batch.puts[0].number, 3 * 65536U);
  EXPECT_EQ(batch.puts[1].number, 3 * 65536U + 1);
}

TEST(Log, a_commit_of_too_many_parts_is_refused) {
  const auto written = [](size_t bytes) {
    LogWriter writer(1, kCommitId, /*max_parts=*/2);
    writer.add({LogEntryKind::kPut, "a", std::string(bytes, 'v')});
    return writer.finish();
  };
  EXPECT_TRUE(written(2 * kMaxRecordBytes).ok());
  const auto batch = written(3 * kMaxRecordBytes);
  ASSERT_FALSE(batch.ok());
  EXPECT_EQ(batch.error().status, 413);
  EXPECT_EQ(batch.error().name, "too_large");
}

TEST(Log, a_record_names_the_tables_that_were_written_with_it) {
  TableBuilder builder(TableBuilder::Filter::kNone);
  builder.put("b1", std::string(3 * kMaxRecordBytes, 'v'));
  std::vector<BuiltTable> tables;
  tables.push_back(builder.finish());
  builder.put("b2", "small");
  tables.push_back(builder.finish());

  Log log;
  LogWriter writer(1, kCommitId);
  const Tables placed = writer.add_tables(std::move(tables));
  writer.add({LogEntryKind::kPut, "key", std::string(kMaxRecordBytes, 'v')});
  MediumBatch batch = *writer.finish();
  EXPECT_EQ(batch.puts.size(), 4U + 1 + 2 + 1);  // four records and an index; two; a part
  ASSERT_TRUE(run_task(log.medium.commit(std::move(batch))).ok());

  LogReader reader(log.medium, 1);
  const auto record = run_task(reader.next());
  ASSERT_TRUE(record.ok() && record->has_value());
  ASSERT_EQ((*record)->tables.size(), 2U);
  for (size_t i = 0; i < 2; ++i) EXPECT_EQ(*(*record)->tables[i], *placed[i]);
  EXPECT_EQ(placed[0]->first_record, 65536 + kMaxLogParts);
  EXPECT_EQ(placed[1]->first_record, placed[0]->last_record() + 1);
  EXPECT_EQ((*record)->entries.at(0).key, "key");
}

TEST(Log, a_reader_goes_through_a_long_log_and_ends) {
  Log log;
  for (int i = 0; i < 1024; ++i) log.append({{std::to_string(i), ""}});
  LogReader reader(log.medium, 3);
  for (uint64_t number = 3; number <= 1024; ++number) {
    const auto record = run_task(reader.next());
    ASSERT_TRUE(record.ok());
    ASSERT_TRUE(record->has_value());
    EXPECT_EQ((*record)->number, number);
    EXPECT_EQ((*record)->entries.at(0).key, std::to_string(number - 1));
  }
  const auto end = run_task(reader.next());
  ASSERT_TRUE(end.ok());
  EXPECT_FALSE(end->has_value());
}

TEST(Log, no_flipped_bit_goes_unnoticed) {
  Log log;
  log.append({{"a", "1"}});
  log.append({{"key", "value"}, {"other", "(erased)"}});
  std::string& bytes = log.record(2);
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    const auto flip = [&] { bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8); };
    flip();
    const Result<Entries> entries = log.read(2);
    ASSERT_FALSE(entries.ok()) << "bit " << bit;
    EXPECT_NE(entries.error().reason.find("Log record 2"), std::string::npos);
    EXPECT_EQ(entries.error().status, 500);
    flip();
  }
  EXPECT_TRUE(log.read(2).ok());
}

TEST(Log, no_cut_goes_unnoticed) {
  Log log;
  log.append({{"key", "value"}, {"other", "(erased)"}});
  const std::string whole = log.record(1);
  for (size_t size = 0; size < whole.size(); ++size) {
    log.record(1) = whole.substr(0, size);
    const Result<Entries> entries = log.read(1);
    ASSERT_FALSE(entries.ok()) << size;
    EXPECT_EQ(entries.error().name, "corrupt_data");
  }
}

TEST(Log, a_part_that_is_damaged_or_missing_is_named) {
  Log log;
  log.append({{"key", std::string(3 * kMaxRecordBytes, 'v')}});
  log.part(1, 1)[1000] = 'w';
  EXPECT_EQ(log.read(1).error().name, "corrupt_data");
  EXPECT_EQ(log.read(1).error().reason, "Log record 1: part 1: the checksum does not match");
  log.data->records(Area::kParts).erase(log_part_number(1, 1));
  EXPECT_TRUE(is_snapshot_gone(log.read(1).error()));  // as far as one record can tell
}

TEST(Log, a_record_of_a_newer_version_is_called_that) {
  Log log;
  const Error error = log.error_of("whatever a newer version writes", kLogFrame.version + 1);
  EXPECT_EQ(error.name, "unsupported_format");
  EXPECT_NE(error.reason.find("update"), std::string::npos);
  EXPECT_EQ(log.error_of("", 1).name, "unsupported_format");
}

TEST(Log, a_record_under_another_number_than_it_carries_is_void) {
  Log log;
  log.append({{"a", "1"}});
  MediumBatch late = batch_of({{"a", "2"}}, 1);
  late.numbered->is_void_elsewhere = true;
  EXPECT_EQ(*run_task(log.medium.commit(late)), CommitOutcome::kNumberTaken);
  log.last_number = 2;
  log.append({{"a", "3"}});

  EXPECT_EQ(log.read(1)->at("a"), "1");
  LogReader reader(log.medium, 2);
  const auto record = run_task(reader.next());
  ASSERT_TRUE(record.ok() && record->has_value());
  EXPECT_EQ((*record)->number, 2U);
  EXPECT_TRUE((*record)->is_void);
  EXPECT_TRUE((*record)->entries.empty());
  EXPECT_EQ(log.read(3)->at("a"), "3");
}

// Only records without parts are written so, but that is not the reader's business.
TEST(Log, of_a_void_record_nothing_but_the_number_counts) {
  Log log;
  MediumBatch batch = batch_of({{"key", std::string(2 * kMaxRecordBytes, 'v')}}, 7);
  log.data->records(Area::kLog)[1] = batch.numbered->bytes;
  LogReader reader(log.medium, 1);
  const auto record = run_task(reader.next());
  ASSERT_TRUE(record.ok() && record->has_value());
  EXPECT_TRUE((*record)->is_void);
}

TEST(Log, a_record_with_a_good_checksum_must_be_well_formed_too) {
  const std::string head = bytes_of({1}) + std::string(8, 'i');  // the number, the id
  const auto reason = [&](std::initializer_list<int> bytes) {
    return Log().error_of(head + bytes_of(bytes)).reason;
  };
  const std::string at = "Log record 1: ";
  EXPECT_EQ(Log().error_of("short").reason, at + "the head is malformed");
  EXPECT_EQ(reason({}), at + "the head is malformed");
  EXPECT_EQ(reason({0}), "");
  EXPECT_EQ(reason({1, 9, 9}), at + "a table is malformed");
  EXPECT_EQ(reason({0xff, 0xff, 0x7f}), at + "a table is malformed");
  EXPECT_EQ(reason({0, 1, 1, 'k', 1, 'v'}), "");
  EXPECT_EQ(reason({0, 3, 1, 'k', 1, 'v'}), at + "an entry is malformed");  // unknown kind
  EXPECT_EQ(reason({0, 0}), at + "an entry is malformed");
  EXPECT_EQ(reason({0, 1, 9, 'k', 1, 'v'}), at + "an entry is malformed");  // long key
  EXPECT_EQ(reason({0, 1, 1, 'k', 9, 'v'}), at + "an entry is malformed");  // long value
  EXPECT_EQ(reason({0, 1, 1, 'k'}), at + "an entry is malformed");          // no value
  EXPECT_EQ(reason({0, 2, 1, 'b', 2, 1, 'a'}), at + "the keys are out of order");
  EXPECT_EQ(reason({0, 2, 1, 'a', 2, 1, 'a'}), at + "the keys are out of order");
}

TEST(Log, random_bytes_are_an_error_and_nothing_worse) {
  SeededRandom random(1);
  for (int i = 0; i < 10'000; ++i) {
    std::string bytes = bytes_of({1}) + std::string(8, 'i');
    for (size_t left = random.below(40); left > 0; --left) {
      // Small numbers are what counts, lengths and kinds are made of.
      bytes.push_back(
          static_cast<char>(random.below(2) == 0 ? random.below(4) : random.below(256)));
    }
    Log log;
    const Error error = log.error_of(bytes);
    EXPECT_TRUE(error.status == 500 || error.status == 200);
  }
}

}  // namespace
}  // namespace couchlet
