package dev.bulla.provision;

import dev.bulla.oci.Quoted;
import dev.bulla.ocicrypt.EncryptionKey;
import dev.bulla.ocicrypt.JweKeyWrap;
import dev.bulla.ocicrypt.KbsPacketWrap;
import dev.bulla.ocicrypt.KeyWrap;
import dev.bulla.ocicrypt.OcicryptException;
import dev.bulla.ocicrypt.pgp.PgpKeyWrap;
import dev.bulla.ocicrypt.pgp.PgpPublicKeys;
import dev.bulla.ocicrypt.pkcs7.Pkcs7KeyWrap;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads {@code --encryption-key} as skopeo and the CoCo key provider spell it: {@code jwe:FILE} with a public key,
 * {@code pgp:FILE} with a ring of public keys, {@code pkcs7:FILE} with a certificate, or
 * {@code provider:attestation-agent:keyid=kbs:///REPOSITORY/TYPE/TAG::keypath=FILE} with a 32-byte key. All recipients of a
 * scheme become one wrap.
 */
public final class EncryptionKeys {
    private static final String JWE = "jwe:";
    private static final String PGP = "pgp:";
    private static final String PKCS7 = "pkcs7:";
    private static final String PROVIDER = "provider:attestation-agent:";
    private static final int MAX_KEY_FILE = 64 << 10;

    private EncryptionKeys() {}

    /**
     * Reads keys.
     *
     * @param texts each as given on the command line
     * @throws UnusableKeyException when one is spelled otherwise, or its file holds no such key
     */
    public static List<KeyWrap> read(List<String> texts, SecureRandom random) throws UnusableKeyException {
        List<EncryptionKey> recipients = new ArrayList<>();
        List<PgpPublicKeys> rings = new ArrayList<>();
        List<X509Certificate> certificates = new ArrayList<>();
        List<KeyWrap> wraps = new ArrayList<>();
        for (String text : texts) {
            try {
                if (text.startsWith(JWE)) {
                    recipients.add(EncryptionKey.parse(readFile(text, text.substring(JWE.length()))));
                } else if (text.startsWith(PGP)) {
                    rings.add(
                            PgpPublicKeys.parse(readFile(text, text.substring(PGP.length())), InstantSource.system()));
                } else if (text.startsWith(PKCS7)) {
                    certificates.add(certificate(text));
                } else if (text.startsWith(PROVIDER)) {
                    wraps.add(packetWrap(text, random));
                } else {
                    throw refused(
                            text,
                            "expected jwe:FILE, pgp:FILE, pkcs7:FILE, or " + PROVIDER + "keyid=kbs:///…::keypath=FILE");
                }
            } catch (OcicryptException e) {
                throw new UnusableKeyException("encryption key " + Quoted.text(text) + ": " + e.getMessage(), e);
            }
        }
        if (!rings.isEmpty()) {
            wraps.addFirst(new PgpKeyWrap(rings, InstantSource.system(), random));
        }
        if (!certificates.isEmpty()) {
            try {
                wraps.addFirst(new Pkcs7KeyWrap(certificates, random));
            } catch (OcicryptException e) {
                throw new UnusableKeyException("encryption key pkcs7: " + e.getMessage(), e);
            }
        }
        if (!recipients.isEmpty()) {
            wraps.addFirst(new JweKeyWrap(recipients, random));
        }
        return wraps;
    }

    private static X509Certificate certificate(String text) throws UnusableKeyException {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(readFile(text, text.substring(PKCS7.length()))));
        } catch (CertificateException e) {
            throw new UnusableKeyException("encryption key " + Quoted.text(text) + ": no X.509 certificate", e);
        }
    }

    private static KeyWrap packetWrap(String text, SecureRandom random) throws UnusableKeyException, OcicryptException {
        Map<String, String> parameters = new HashMap<>();
        for (String parameter : text.substring(PROVIDER.length()).split("::", -1)) {
            int equals = parameter.indexOf('=');
            String name = equals < 0 ? parameter : parameter.substring(0, equals);
            if (equals < 0 || parameters.put(name, parameter.substring(equals + 1)) != null) {
                throw refused(text, "parameter " + Quoted.text(parameter) + ", expected name=value, each once");
            }
        }
        String keyId = parameters.remove("keyid");
        String keyPath = parameters.remove("keypath");
        String algorithm = parameters.remove("algorithm");
        if (keyId == null || keyPath == null) {
            throw refused(text, "expected both keyid=kbs:///… and keypath=FILE");
        }
        if (algorithm != null && !algorithm.equals("A256GCM")) {
            throw refused(text, "algorithm " + Quoted.text(algorithm) + ", expected A256GCM");
        }
        if (!parameters.isEmpty()) {
            throw refused(
                    text,
                    "unknown parameter "
                            + Quoted.text(parameters.keySet().iterator().next()));
        }
        byte[] key = readFile(text, keyPath);
        try {
            return new KbsPacketWrap(keyId, key, random);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private static byte[] readFile(String text, String path) throws UnusableKeyException {
        try (InputStream in = Files.newInputStream(Path.of(path))) {
            return in.readNBytes(MAX_KEY_FILE + 1); // one more than any reader of keys takes
        } catch (IOException | InvalidPathException e) {
            throw new UnusableKeyException(
                    "encryption key " + Quoted.text(text) + ": the file " + Quoted.text(path) + " cannot be read", e);
        }
    }

    private static UnusableKeyException refused(String text, String why) {
        return new UnusableKeyException("encryption key " + Quoted.text(text) + ": " + why);
    }
}
