#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "wire/request.h"

namespace wire {

struct SpliceOptions {
  std::optional<std::string_view> model{};  // the name to ask the provider for; none keeps the caller's
  bool force_usage = false;                 // ask for usage on a stream, whatever the caller said
  // Tokens that the answer may have at most: what the caller wrote gives way to it, in every member that says
  // it; where there is none, it is written into `output_member`. None leaves everything as it is. Operations
  // that generate nothing have no such limit.
  std::optional<std::int64_t> output_limit{};
  std::string_view output_member = "max_tokens";
};

// A request body as a list of pieces for a gather-write: most are views of the caller's bytes, which must
// outlive this. Movable and copyable.
class SplicedBody {
 public:
  std::size_t Bytes() const { return bytes_; }    // of all pieces together
  std::size_t Pieces() const { return pieces_; }  // >= 1
  // REQUIRES: i < Pieces(). Valid until this object is moved or destroyed.
  std::string_view Piece(std::size_t i) const;
  bool Untouched() const { return inserted_.empty(); }  // then the only piece is the caller's body
  std::string Join() const;

 private:
  friend SplicedBody Splice(const RequestView& request, const SpliceOptions& options);
  struct Part {
    bool from_body = true;
    std::size_t offset = 0;  // in the body or in inserted_
    std::size_t size = 0;
  };
  explicit SplicedBody(std::string_view body) : body_(body) {}
  void Add(const Part& part);

  static constexpr std::size_t kPartsMax = 9;  // four edits and what is around them
  std::string_view body_;
  std::string inserted_;
  std::array<Part, kPartsMax> parts_;
  std::size_t pieces_ = 0;
  std::size_t bytes_ = 0;
};

// The request with only the named values changed; every other byte stays as it came. Usage is forced only
// where it can be: on a stream.
SplicedBody Splice(const RequestView& request, const SpliceOptions& options);

}  // namespace wire
