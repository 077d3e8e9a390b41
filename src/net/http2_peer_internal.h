#pragma once

// For tests of this room: the other side of an HTTP/2 connection, frame by frame, so that it can say what no
// library would. Blocking, on a RawSocket or a TlsPeer. A wait for a peer that has gone ends with empty
// frames.

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace net {

struct Http2Frame {
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::int32_t stream = 0;
  std::string payload;
  bool none = false;  // the connection has ended

  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
  std::uint32_t error() const;  // of RST_STREAM and GOAWAY
};

class Http2Peer {
 public:
  using FieldList = std::vector<std::pair<std::string, std::string>>;
  struct Transport {
    std::function<bool(std::string_view)> send;
    std::function<std::string(std::size_t)> read_exactly;  // fewer bytes at the end
  };

  template <class Socket>
  explicit Http2Peer(Socket& socket)
      : Http2Peer(Transport{[&socket](std::string_view bytes) { return socket.Send(bytes); },
                            [&socket](std::size_t count) { return socket.ReadExactly(count); }}) {}
  explicit Http2Peer(Transport transport);
  ~Http2Peer();
  Http2Peer(const Http2Peer&) = delete;
  Http2Peer& operator=(const Http2Peer&) = delete;

  // A client's or a server's beginning: preface, settings given as id and value, and the other's
  // acknowledged.
  void GreetAsClient(const std::map<std::uint16_t, std::uint32_t>& settings = {});
  void GreetAsServer(const std::map<std::uint16_t, std::uint32_t>& settings = {});

  bool Send(std::uint8_t type, std::uint8_t flags, std::int32_t stream, std::string_view payload = {});
  bool SendRaw(std::string_view bytes) { return transport_.send(bytes); }
  static std::string Frame(std::uint8_t type, std::uint8_t flags, std::int32_t stream,
                           std::string_view payload = {});

  bool Headers(std::int32_t stream, const FieldList& fields, bool end);
  bool Data(std::int32_t stream, std::string_view bytes, bool end);
  bool Reset(std::int32_t stream, std::uint32_t error);
  bool OpenWindow(std::int32_t stream, std::uint32_t bytes);
  static std::string Number(std::uint32_t value);
  static std::string Block(const FieldList& fields);  // literals, never indexed

  // The usual request: a method, a path, an authority and more fields.
  static FieldList Request(const std::string& method, const std::string& path, const FieldList& more = {});

  Http2Frame Next();                    // acknowledges settings and pings by itself
  Http2Frame Next(std::uint8_t type);   // skips others
  FieldList Decode(const Http2Frame&);  // of HEADERS; each block once, in order

  // Everything of one stream up to its end. What comes of other streams meanwhile is kept for their turn.
  struct Answer {
    int status = 0;  // 0: none came
    std::map<std::string, std::string> fields;
    std::string body;
    bool ended = false;                  // in order
    std::optional<std::uint32_t> reset;  // by RST_STREAM, maybe after the end
    std::optional<std::uint32_t> goaway;
  };
  Answer ReadAnswer(std::int32_t stream);
  Answer ReadHead(std::int32_t stream);                // up to the first HEADERS frame
  std::optional<std::uint32_t> ReadGoaway();           // nullopt: the connection ended without
  void Grant(std::uint32_t bytes) { grant_ = bytes; }  // opens windows for data as it is read
  void AcknowledgeNothing() { acknowledges_ = false; }

 private:
  void Note(const Http2Frame& frame);
  void SendSettings(const std::map<std::uint16_t, std::uint32_t>& settings);

  Transport transport_;
  nghttp2_hd_inflater* inflater_ = nullptr;
  std::map<std::int32_t, Answer> answers_;
  std::optional<std::uint32_t> goaway_;
  bool ended_ = false;
  std::uint32_t grant_ = 0;
  bool acknowledges_ = true;
};

}  // namespace net
