#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "net/address.h"

namespace net {
namespace {

using base::Code;
using base::Fail;

// Protocols in order of preference, as ALPN writes them (RFC 7301 section 3.1).
constexpr unsigned char kProtocols[] = {2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

std::span<const unsigned char> Offered(Alpn alpn) {
  const std::span<const unsigned char> all(kProtocols);
  if (alpn == Alpn::kNone) return {};
  return alpn == Alpn::kHttp2OrHttp11 ? all : all.subspan(3);
}

int ChooseProtocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                   unsigned in_size, void* offered) {
  const auto ours = Offered(offered == nullptr ? Alpn::kHttp11 : Alpn::kHttp2OrHttp11);
  const int found = SSL_select_next_proto(const_cast<unsigned char**>(out), out_size, ours.data(),
                                          static_cast<unsigned>(ours.size()), in, in_size);
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// Slot of an SSL object that holds the SslSessionPtr* in which its tickets are kept.
int KeepIndex() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

int KeepTicket(SSL* ssl, SSL_SESSION* session) {
  auto* keep = static_cast<SslSessionPtr*>(SSL_get_ex_data(ssl, KeepIndex()));
  if (keep == nullptr) return 0;
  keep->reset(session);
  return 1;  // the reference is ours now
}

SslContextPtr NewContext(const SSL_METHOD* method) {
  SslContextPtr context(SSL_CTX_new(method));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  // Partial writes with a buffer that may move fit a loop that refills its scratch space; released buffers
  // keep an idle connection small; reading ahead saves the system call for each record's header.
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context.get(), 1);
  return context;
}

// Why a file could not be used, from the first of the errors it left: the later ones only tell who passed it
// on. `wanted` is what it should hold.
std::string TakeFileError(std::string_view wanted) {
  const unsigned long code = ERR_peek_error();
  ERR_clear_error();
  if (ERR_SYSTEM_ERROR(code)) return std::generic_category().message(ERR_GET_REASON(code));
  const int library = ERR_GET_LIB(code);
  const int reason_code = ERR_GET_REASON(code);
  if ((library == ERR_LIB_PEM && reason_code == PEM_R_NO_START_LINE) ||
      (library == ERR_LIB_OSSL_DECODER && reason_code == ERR_R_UNSUPPORTED)) {
    return "no " + std::string(wanted) + " in PEM form is in it";
  }
  const char* const reason = ERR_reason_error_string(code);
  return reason != nullptr ? "it is damaged (" + std::string(reason) + ")" : "it cannot be read";
}

bool IsKeyOfAnotherCertificate(unsigned long error) {
  return ERR_GET_LIB(error) == ERR_LIB_X509 && ERR_GET_REASON(error) == X509_R_KEY_VALUES_MISMATCH;
}

}  // namespace

void SslFree::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}
void SslFree::operator()(ssl_session_st* session) const {
  SSL_SESSION_free(session);
}
void SslFree::operator()(ssl_st* ssl) const {
  // OpenSSL makes the session of a connection that ends without close_notify unfit for resumption, as TLS 1.0
  // asked for; since TLS 1.1 (RFC 4346 section 7.2.1) that is not needed, and our pools close just so.
  SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(ssl);
}

std::string TakeTlsError() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason != nullptr ? reason : "connection closed";
}

base::Result<std::shared_ptr<const TlsServerContext>> TlsServerContext::Load(
    const std::string& certificate_file, const std::string& key_file, Alpn alpn) {
  SslContextPtr context = NewContext(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1) {
    return Fail(Code::kInvalid,
                "cannot use the certificate " + certificate_file + ": " + TakeFileError("certificate"));
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1 &&
      !IsKeyOfAnotherCertificate(ERR_peek_last_error())) {
    return Fail(Code::kInvalid, "cannot use the key " + key_file + ": " + TakeFileError("private key"));
  }
  if (SSL_CTX_check_private_key(context.get()) != 1) {
    ERR_clear_error();
    return Fail(Code::kInvalid,
                "cannot use the key " + key_file + ": it is not that of the certificate " + certificate_file);
  }
  void* const http2 = alpn == Alpn::kHttp2OrHttp11 ? const_cast<unsigned char*>(kProtocols) : nullptr;
  SSL_CTX_set_alpn_select_cb(context.get(), ChooseProtocol, http2);
  static constexpr unsigned char kSessionContext[] = "sluice";
  SSL_CTX_set_session_id_context(context.get(), kSessionContext, sizeof kSessionContext - 1);
  return std::shared_ptr<const TlsServerContext>(new TlsServerContext(std::move(context)));
}

base::Result<SslPtr> TlsServerContext::NewSession() const {
  SslPtr ssl(SSL_new(context_.get()));
  if (!ssl) return Fail(Code::kIo, "TLS: " + TakeTlsError());
  SSL_set_accept_state(ssl.get());
  return ssl;
}

base::Result<std::shared_ptr<const TlsClientContext>> TlsClientContext::Load(const std::string& ca_file) {
  SslContextPtr context = NewContext(TLS_client_method());
  const int loaded = ca_file.empty() ? SSL_CTX_set_default_verify_paths(context.get())
                                     : SSL_CTX_load_verify_locations(context.get(), ca_file.c_str(), nullptr);
  if (loaded != 1) {
    return Fail(Code::kInvalid, "cannot read the certificate authorities " +
                                    (ca_file.empty() ? "of the system" : ca_file) + ": " +
                                    TakeFileError("certificate"));
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context.get(), KeepTicket);
  return std::shared_ptr<const TlsClientContext>(new TlsClientContext(std::move(context)));
}

base::Result<SslPtr> TlsClientContext::NewSession(const std::string& host, ssl_session_st* resume,
                                                  SslSessionPtr* keep, Alpn alpn) const {
  SslPtr ssl(SSL_new(context_.get()));
  if (!ssl) return Fail(Code::kIo, "TLS: " + TakeTlsError());
  X509_VERIFY_PARAM* verify = SSL_get0_param(ssl.get());
  bool named = false;
  if (const auto literal = ParseAddress(host, 0)) {
    named = X509_VERIFY_PARAM_set1_ip(verify, literal->bytes.data(), literal->v6 ? 16 : 4) == 1;
  } else {
    X509_VERIFY_PARAM_set_hostflags(verify, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    named =
        SSL_set1_host(ssl.get(), host.c_str()) == 1 && SSL_set_tlsext_host_name(ssl.get(), host.c_str()) == 1;
  }
  if (!named) return Fail(Code::kInvalid, "TLS: " + host + " cannot be verified as a host name");
  const auto offered = Offered(alpn);
  SSL_set_alpn_protos(ssl.get(), offered.data(), static_cast<unsigned>(offered.size()));
  if (resume != nullptr) SSL_set_session(ssl.get(), resume);
  SSL_set_ex_data(ssl.get(), KeepIndex(), keep);
  SSL_set_connect_state(ssl.get());
  return ssl;
}

}  // namespace net
