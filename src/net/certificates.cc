#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <fstream>

#include "base/check.h"
#include "net/certificates_internal.h"

namespace net {
namespace {

using std::chrono::hours;

long Seconds(hours offset) {
  return static_cast<long>(std::chrono::seconds(offset).count());
}

void AddExtension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  CHECK(extension != nullptr);
  CHECK(X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

// What `write` puts into a file in memory.
template <class Write>
std::string Pem(Write&& write) {
  BIO* const memory = BIO_new(BIO_s_mem());
  CHECK(write(memory) == 1);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory, &bytes);
  std::string text(bytes, static_cast<std::size_t>(size));
  BIO_free(memory);
  return text;
}

std::string CertificatePem(X509* certificate) {
  return Pem([certificate](BIO* out) { return PEM_write_bio_X509(out, certificate); });
}

}  // namespace

Authority::Authority() : key_(EVP_EC_gen("P-256")) {
  std::string pattern = (std::filesystem::temp_directory_path() / "sluice-certificates-XXXXXX").string();
  CHECK(mkdtemp(pattern.data()) != nullptr);
  directory_ = pattern;
  certificate_ = Make(key_.get(), hours(-2), hours(24));
  AddExtension(certificate_.get(), certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
  CHECK(X509_sign(certificate_.get(), key_.get(), EVP_sha256()) > 0);
  Write("ca.pem", CertificatePem(certificate_.get()));
}

Authority::~Authority() {
  std::filesystem::remove_all(directory_);
}

Authority::Certificate Authority::Make(EVP_PKEY* key, hours begins, hours ends) {
  Certificate certificate(X509_new());
  X509* const raw = certificate.get();
  X509_set_version(raw, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(raw), ++serial_);
  X509_gmtime_adj(X509_getm_notBefore(raw), Seconds(begins));
  X509_gmtime_adj(X509_getm_notAfter(raw), Seconds(ends));
  X509_set_pubkey(raw, key);
  // Authorities of one test have different names, as real ones have.
  const std::string name = directory_.filename().string() + " " + std::to_string(serial_);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(raw), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(raw, X509_get_subject_name(certificate_ ? certificate_.get() : raw));
  return certificate;
}

Authority::Issued Authority::Issue(const std::string& names, hours begins, hours ends) {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate = Make(key.get(), begins, ends);
  AddExtension(certificate.get(), certificate_.get(), NID_subject_alt_name, names);
  CHECK(X509_sign(certificate.get(), key_.get(), EVP_sha256()) > 0);
  const std::string stem = "leaf-" + std::to_string(serial_);
  const std::string key_pem = Pem([&key](BIO* out) {
    return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  return {.certificate_file = Write(stem + ".pem", CertificatePem(certificate.get())),
          .key_file = Write(stem + ".key", key_pem)};
}

std::string Authority::Write(const std::string& name, const std::string& text) const {
  const std::filesystem::path path = directory_ / name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

}  // namespace net
