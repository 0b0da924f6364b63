package dev.bulla.provision.cli;

import dev.bulla.attestation.client.AttestationException;
import dev.bulla.attestation.client.KbsClient;
import dev.bulla.attestation.client.eventlog.EventLog;
import dev.bulla.attestation.client.evidence.Attesters;
import dev.bulla.attestation.client.evidence.TeeInterfaces;
import dev.bulla.attestation.protocol.InitDataDocument;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** As what a client attests: whose evidence, which key, which initdata. */
final class KbsClientEvidence {
    private static final int MAX_KEY = 1 << 16;

    @Option(
            names = "--tee",
            paramLabel = "KIND",
            description = "whose evidence is shown: a kind of TEE, auto for the one that is here, or sample, which"
                    + " proves nothing")
    private @Nullable String tee;

    @Option(
            names = "--tee-key-file",
            paramLabel = "FILE",
            description = "the TEE's private key, PEM (RSA, EC P-256 or P-521); made for the occasion unless named")
    private @Nullable Path keyFile;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "INIT_DATA",
            description = "the initdata's text, where the guest was started with some")
    private @Nullable String initData;

    /** The TEE key's PEM text, if a file is named. */
    Optional<byte[]> key() throws Exception {
        return keyFile == null
                ? Optional.empty()
                : Optional.of(KbsClientCommand.readBounded("--tee-key-file", keyFile, MAX_KEY));
    }

    /** A client that attests so; over plain HTTP too, since a URL is named by whoever types it. */
    KbsClient open(KbsClientCommand client) throws Exception {
        if (tee == null) {
            throw usage("--tee is needed: whose evidence is to be shown; sample, which proves nothing, for tests");
        }
        try {
            KbsClient.Builder builder = KbsClient.builder(
                    client.url(),
                    Attesters.of(TeeInterfaces.of(Path.of("/"), EventLog.DEFAULT_FILE, new SecureRandom()), List.of())
                            .named(tee));
            client.configure(builder);
            Optional<byte[]> key = key();
            if (key.isPresent()) {
                builder.teeKey(key.get());
                Arrays.fill(key.get(), (byte) 0);
            }
            if (initData != null) {
                builder.initData(InitDataDocument.parse(initData.getBytes(StandardCharsets.UTF_8)));
            }
            return builder.build();
        } catch (AttestationException e) {
            throw usage(e.getMessage());
        }
    }

    private static Exception usage(String message) {
        return ToolCommand.usage(message);
    }
}
