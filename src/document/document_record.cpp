#include "document/document_record.h"

#include "base/varint.h"

namespace couchlet {
namespace {

Error corrupt_record() { return errors::corrupt("A document record can't be read."); }

}  // namespace

Result<DocumentRecord> DocumentRecord::decode(std::string_view bytes) {
  DocumentRecord record;
  if (!get_varint(bytes, record.sequence)) return corrupt_record();
  TRY_ASSIGN(record.tree, RevisionTree::decode(bytes));
  if (record.tree.empty()) return corrupt_record();
  return record;
}

std::string DocumentRecord::encode() const {
  std::string bytes;
  put_varint(bytes, sequence);
  tree.append_encoded(bytes);
  return bytes;
}

Result<RevisionNode> decode_winning_leaf(std::string_view document_record) {
  uint64_t sequence = 0;
  if (!get_varint(document_record, sequence)) return corrupt_record();
  return RevisionTree::decode_winning_leaf(document_record);
}

}  // namespace couchlet
