// Writes the seed corpora of the binary formats: what the engine's own encoders give, and small.
// Argument: the folder of the corpora (tests/fuzz/corpus). To be run again when a format changes.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "document/revision_tree.h"
#include "store/block.h"
#include "store/framed_record.h"
#include "store/log_format.h"
#include "store/log_writer.h"
#include "store/manifest.h"
#include "store/table_builder.h"

namespace couchlet {
namespace {

class Corpora {
 public:
  explicit Corpora(std::filesystem::path folder) : folder_(std::move(folder)) {}

  void add(const char* target, const char* name, std::string_view bytes) {
    std::filesystem::create_directories(folder_ / target);
    std::ofstream(folder_ / target / name, std::ios::binary) << bytes;
  }

 private:
  std::filesystem::path folder_;
};

// As log_record_fuzz takes it: a byte of kind, two of length.
std::string log_piece(uint8_t kind, std::string_view bytes) {
  std::string piece(1, static_cast<char>(kind));
  piece.push_back(static_cast<char>(bytes.size() % 256));
  piece.push_back(static_cast<char>(bytes.size() / 256));
  return piece.append(bytes);
}

std::string log_record(uint64_t number, bool has_table) {
  LogWriter writer(number, 1000 + number);
  if (has_table) {
    TableBuilder table(TableBuilder::Filter::kNone);
    table.put("b1", "a body");
    std::vector<BuiltTable> tables;
    tables.push_back(table.finish());
    writer.add_tables(std::move(tables));
  }
  writer.add({LogEntryKind::kPut, "a", "1"});
  writer.add({LogEntryKind::kErase, "b", ""});
  writer.add({LogEntryKind::kPut, "c", std::string(300, 'c')});
  return writer.finish()->numbered->bytes;
}

constexpr size_t kFrameHeadBytes = 10;

void add_log(Corpora& corpora) {
  std::string log;
  for (const bool has_table : {false, true}) {
    const std::string first = log_record(1, has_table);
    corpora.add("log_record", has_table ? "payload-with-table" : "payload",
                log_piece(1, std::string_view(first).substr(kFrameHeadBytes)));
    log += log_piece(0, log_record(has_table ? 2 : 1, has_table));
  }
  log += log_piece(0, log_record(2, false));  // void: it is the third
  corpora.add("log_record", "records", log);
  const std::string record = log_record(1, false);
  corpora.add("log_record", "parts",
              log_piece(255, std::string_view(record).substr(kFrameHeadBytes)));
}

void add_blocks(Corpora& corpora) {
  BlockBuilder builder;
  builder.put("a", "1");
  builder.erase("ab");
  corpora.add("block", "two", builder.finish().substr(5));
  for (size_t i = 10; i < 60; ++i) builder.put("key" + std::to_string(i), std::string(i % 7, 'v'));
  corpora.add("block", "restarts", builder.finish().substr(5));
}

std::string table_input(int entries, uint8_t change, uint8_t kind) {
  std::string input{'\x05', '\x00', '\x00', static_cast<char>(change), static_cast<char>(entries)};
  for (int i = 0; i < entries; ++i) {
    const std::string key = "key" + std::to_string(i);
    input.push_back(static_cast<char>(i % 5 == 0 ? 0 : kind));
    input.push_back(static_cast<char>(key.size()));
    input += key + "\x05value";
  }
  return input;
}

void add_tables(Corpora& corpora) {
  corpora.add("table", "small", table_input(3, 0, 1));
  corpora.add("table", "damaged", table_input(20, 1, 1));
  corpora.add("table", "large", table_input(9, 0, 255));
}

TableRef table(uint64_t first_record, std::string first_key, std::string last_key) {
  return std::make_shared<const TableInfo>(TableInfo{.area = Area::kBlocks,
                                                     .first_record = first_record,
                                                     .record_count = 3,
                                                     .index_records = 1,
                                                     .bytes = 2000,
                                                     .entry_count = 20,
                                                     .first_key = std::move(first_key),
                                                     .last_key = std::move(last_key)});
}

void add_manifests(Corpora& corpora) {
  Manifest manifest;
  corpora.add("manifest", "empty", manifest.encode());
  manifest.commit_id = 77;
  manifest.flushed_through = 300;
  manifest.runs.push_back({.id = 4, .newest_log = 300, .merging_into = 5, .from_key = "f"});
  manifest.runs.back().tables = std::make_shared<const Tables>(Tables{table(65536, "a", "m")});
  manifest.runs.push_back({.id = 5, .newest_log = 200, .merging_into = 0, .from_key = ""});
  manifest.segments.push_back({table(131072, "b1", "b5"), 2, 250});
  manifest.segments.push_back({table(196608, "b6", "b9"), 0, 0});
  manifest.obsolete.push_back({Area::kBlocks, 70000, 5, 4000, 1'700'000'000'000});
  corpora.add("manifest", "all", manifest.encode());
}

void add_trees(Corpora& corpora) {
  RevisionTree tree;
  const auto revision = [](uint64_t generation, char hash) {
    return *Revision::from_hash(generation, std::string(16, hash));
  };
  for (const char hash : {'b', 'c'}) {
    tree.merge(std::vector<Revision>{revision(2, hash), revision(1, 'a')}, {});
  }
  std::string bytes;
  tree.append_encoded(bytes);
  corpora.add("revision_tree", "conflict", bytes);
  corpora.add("revision_tree", "merges",
              std::string_view("\x00\x01\x10\x11\x02\x20\x21\x05\x31", 9));
}

void add_documents(Corpora& corpora) {
  corpora.add("document_scanner", "plain", R"({"_id":"a","n":1,"f":1.0,"e":1E3,"t":"\u00e9\n"})");
  corpora.add(
      "document_scanner", "underscores",
      R"({"_id":"a","_rev":"2-ab","_deleted":true,"_revisions":{"start":2,"ids":["ab","cd"]}})");
  corpora.add(
      "document_scanner", "attachments",
      R"({"_attachments":{"a":{"content_type":"text/plain","data":"aGk="},"b":{"stub":true}}})");
  corpora.add("document_scanner", "nested", R"({"a":[[],{},[{"b":[null,true,false,-0,1e-5]}]]})");
}

}  // namespace
}  // namespace couchlet

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("make_corpus FOLDER\n", stderr);
    return 2;
  }
  couchlet::Corpora corpora(arguments[1]);
  couchlet::add_log(corpora);
  couchlet::add_blocks(corpora);
  couchlet::add_tables(corpora);
  couchlet::add_manifests(corpora);
  couchlet::add_trees(corpora);
  couchlet::add_documents(corpora);
  return 0;
}
