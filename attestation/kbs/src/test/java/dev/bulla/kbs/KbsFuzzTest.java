package dev.bulla.kbs;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.kbs.admin.AdminException;
import dev.bulla.kbs.admin.EndpointPattern;
import dev.bulla.kbs.config.KbsConfig;
import dev.bulla.kbs.token.KeySet;
import dev.bulla.kbs.token.PemText;
import dev.bulla.oci.json.JsonException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** Whatever comes to a KBS, it is read or refused by an exception of its own. */
class KbsFuzzTest {
    @FuzzTest
    void keySet(byte[] input) {
        try {
            KeySet.parse(input);
        } catch (KbsProtocolException e) {
            // refused
        }
    }

    @FuzzTest
    void referenceValues(byte[] input) {
        try {
            ReferenceValueMessage.parse(input, true, Instant.EPOCH);
        } catch (JsonException e) {
            // refused
        }
    }

    @FuzzTest
    void query(byte[] input) {
        try {
            RequestReader.query(new String(input, StandardCharsets.ISO_8859_1));
        } catch (KbsRefusal e) {
            // refused
        }
    }

    @FuzzTest
    void config(byte[] input) {
        try {
            KbsConfig.parse(input);
        } catch (KbsException e) {
            // refused
        }
    }

    @FuzzTest
    void endpointPattern(byte[] input) {
        try {
            EndpointPattern.parse("^/kbs" + new String(input, StandardCharsets.UTF_8) + "$");
        } catch (AdminException e) {
            // refused
        }
    }

    @FuzzTest
    void certificates(byte[] input) {
        try {
            PemText.certificates(input);
        } catch (KbsProtocolException e) {
            // refused
        }
    }
}
