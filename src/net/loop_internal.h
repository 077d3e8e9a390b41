#pragma once

// The Asio side of a loop. Only sources of this room include it: Asio costs seconds a translation unit.

#include <array>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/loop.h"
#include "net/poller_internal.h"

namespace net {

namespace asio = boost::asio;
using TcpSocket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;
using TcpAcceptor = asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type>;
using SteadyTimer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                               asio::io_context::executor_type>;

inline constexpr std::size_t kTlsRecord = 16 * 1024;  // plaintext bytes of the largest record, RFC 8446

struct Loop::Io {
  // One thread runs the context; other threads only post, so the reactor needs no locks of its own.
  Io() : context(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO), poller(context), wake(context.get_executor()) {}
  asio::io_context context;
  Poller poller;
  SteadyTimer wake;
  std::array<char, kTlsRecord> tls_scratch;  // small pieces are put side by side here before encryption
};

}  // namespace net
