package dev.bulla.attestation.client.evidence;

import dev.bulla.attestation.protocol.InitDataDocument;
import dev.bulla.attestation.protocol.KbsProtocolException;
import java.nio.charset.StandardCharsets;

/** Initdata for tests. */
final class InitDatas {
    private InitDatas() {}

    static InitDataDocument of(String algorithm) throws KbsProtocolException {
        String text = "version = \"0.1.0\"\nalgorithm = \"" + algorithm + "\"\n[data]\n\"aa.toml\" = \"x\"\n";
        return InitDataDocument.parse(text.getBytes(StandardCharsets.UTF_8));
    }
}
