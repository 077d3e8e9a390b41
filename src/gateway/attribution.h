#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "base/block_allocator.h"
#include "base/result.h"
#include "net/http_head.h"
#include "wire/request.h"

namespace gateway {

inline constexpr std::size_t kTagsMax = 16;            // of one request
inline constexpr std::size_t kTagNameBytesMax = 64;    // [A-Za-z0-9._-]
inline constexpr std::size_t kTagValueBytesMax = 256;  // no control characters
inline constexpr std::size_t kWhoBytesMax = 256;       // of a user's or a session's name

// For whom a request is and what it is about, as its caller says: the dimensions by which the bill is read
// beside those of the key. The headers x-sluice-user, x-sluice-session and x-sluice-tags come first, then
// what the dialects have of their own: `user`, DeepSeek's `user_id` and the headers of its coding tools,
// `metadata` (of Messages its user_id; of the others each string is a tag). Belongs to its request.
class Attribution {
 public:
  using Tag = std::pair<base::BlockString, base::BlockString>;  // name, value

  // Everything is for this user, whatever the caller says, who may not name another one in a header; empty:
  // the caller says it. Before the next two.
  void Bind(std::string_view user) {
    user_ = user;
    bound_ = !user.empty();
  }

  // Errors: kInvalid, with a sentence that says what to write: a caller who sends a header wants it heeded.
  base::Result<> ReadFields(const net::Fields& fields);

  // What stands in the body is often meant for the provider alone: what does not fit is left out, what is too
  // long is cut. REQUIRES: the fields have been read.
  void ReadBody(const wire::RequestView& request);

  std::string_view user() const { return user_; }        // empty: nobody said
  std::string_view session() const { return session_; }  // the same
  const base::BlockVector<Tag>& tags() const { return tags_; }

 private:
  base::Result<> CheckBound(std::string_view user) const;
  base::Result<> ReadTags(std::string_view list);
  bool Has(std::string_view name) const;
  void ReadMetadata(std::string_view object);

  base::BlockString user_;
  bool bound_ = false;  // the key says the user
  base::BlockString session_;
  base::BlockVector<Tag> tags_;
};

}  // namespace gateway
