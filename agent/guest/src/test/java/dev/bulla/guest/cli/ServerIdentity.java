package dev.bulla.guest.cli;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Optional;

/**
 * A self-signed certificate for 127.0.0.1 and its key, made with the JDK's keytool.
 *
 * @param certificatePem the certificate
 * @param keyPem its key, PKCS#8
 */
@SuppressWarnings("ArrayRecordComponent") // two texts for a builder; never compared
record ServerIdentity(byte[] certificatePem, byte[] keyPem) {
    private static final String PASSWORD = "changeit";

    private static Optional<ServerIdentity> made = Optional.empty();

    /** One for all: making one starts a program. */
    static synchronized ServerIdentity make(Path folder) throws Exception {
        if (made.isEmpty()) {
            made = Optional.of(makeNew(folder));
        }
        return made.get();
    }

    private static ServerIdentity makeNew(Path folder) throws Exception {
        Path store = folder.resolve("identity.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "kbs",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "SAN=ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .start();
        String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (keytool.waitFor() != 0) {
            throw new IllegalStateException("keytool: " + output);
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return new ServerIdentity(
                pem("CERTIFICATE", keys.getCertificate("kbs").getEncoded()),
                pem("PRIVATE KEY", keys.getKey("kbs", PASSWORD.toCharArray()).getEncoded()));
    }

    private static byte[] pem(String label, byte[] der) {
        return ("-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + label
                        + "-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }
}
