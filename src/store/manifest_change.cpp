#include "store/manifest_change.h"

#include <string>
#include <utility>

namespace couchlet {

ManifestChange::ManifestChange(const Manifest& current) : next_(current) {
  ++next_.number;
  next_record_ = next_.number * kBlocksPerManifest + kMaxManifestParts;
  if (current.number == 0) return;
  const uint64_t first_part = current.number * kBlocksPerManifest;
  batch_.deletes.push_back({Area::kManifest, 0, current.number});
  batch_.deletes.push_back({Area::kBlocks, first_part, first_part + kMaxManifestParts - 1});
}

TableRef ManifestChange::place(BuiltTable table) {
  table.info.area = Area::kBlocks;
  table.info.first_record = next_record_;
  for (std::string& record : table.records) {
    batch_.puts.push_back({Area::kBlocks, next_record_++, std::move(record)});
  }
  return std::make_shared<const TableInfo>(std::move(table.info));
}

Result<MediumBatch> ManifestChange::finish(uint64_t commit_id) {
  next_.commit_id = commit_id;
  FrameWriter frame(kManifestFrame);
  frame.append(next_.encode());
  const uint64_t first = next_.number * kBlocksPerManifest;
  if (frame.part_count() > kMaxManifestParts || next_record_ > first + kBlocksPerManifest) {
    return Error{413, "too_large", "The database has become too large for its manifest"};
  }
  std::vector<std::string> records = frame.finish();
  batch_.numbered = {Area::kManifest, next_.number, std::move(records[0])};
  for (size_t part = 1; part < records.size(); ++part) {
    batch_.puts.push_back({Area::kBlocks, first + part - 1, std::move(records[part])});
  }
  return std::move(batch_);
}

}  // namespace couchlet
