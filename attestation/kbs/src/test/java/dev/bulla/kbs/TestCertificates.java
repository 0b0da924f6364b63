package dev.bulla.kbs;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;

/**
 * A self-signed certificate for 127.0.0.1, made with the JDK's keytool.
 *
 * @param certificatePem the certificate
 * @param keyPem its key, PKCS#8
 */
@SuppressWarnings("ArrayRecordComponent") // two texts for a builder; never compared
record TestCertificates(byte[] certificatePem, byte[] keyPem) {
    private static final char[] PASSWORD = "changeit".toCharArray();

    static TestCertificates make(Path folder, String name, String subjectAlternativeName) throws Exception {
        Path store = folder.resolve(name + ".p12");
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "kbs",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=" + name,
                "-ext",
                "SAN=" + subjectAlternativeName,
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException("keytool: " + output);
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        return new TestCertificates(
                pem("CERTIFICATE", keys.getCertificate("kbs").getEncoded()),
                pem("PRIVATE KEY", keys.getKey("kbs", PASSWORD).getEncoded()));
    }

    static byte[] pem(String label, byte[] der) {
        return ("-----BEGIN " + label + "-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label
                        + "-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }
}
