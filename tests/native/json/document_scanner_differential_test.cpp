// scan_document() against its plain twin, on random documents and on mutations of them.
#include <gtest/gtest.h>

#include "json/document_scanner.h"
#include "json/json_reader.h"
#include "json/random_json.h"
#include "json/sax_document_scanner.h"
#include "json/scan_comparison.h"

namespace couchlet {

TEST(DocumentScannerDifferential, random_documents_scan_as_by_the_twin) {
  RandomJson random(1);
  int valid = 0;
  for (int i = 0; i < 5000; ++i) {
    const std::string text = random.document();
    ASSERT_EQ(difference_to_twin(text), "") << text;
    valid += scan_document(text, Terms::kSkip).ok();
  }
  EXPECT_GT(valid, 2000);  // the generator must not drift into testing nothing but errors
}

TEST(DocumentScannerDifferential, mutated_documents_scan_as_by_the_twin) {
  RandomJson random(2);
  int valid = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string text = random.document();
    for (int mutation = 0; mutation < 8; ++mutation) {
      const std::string mutated = random.mutated(text);
      ASSERT_EQ(difference_to_twin(mutated), "") << mutated;
      valid += scan_document(mutated, Terms::kSkip).ok();
    }
  }
  EXPECT_GT(valid, 1000);
  EXPECT_LT(valid, 12'000);
}

}  // namespace couchlet
