package dev.bulla.guest.cli;

import dev.bulla.attestation.client.AttestationException;
import dev.bulla.attestation.client.KbsClient;
import dev.bulla.attestation.client.KbsConfigurationException;
import dev.bulla.attestation.client.KbsResourceSource;
import dev.bulla.attestation.client.OfflineFsKbc;
import dev.bulla.attestation.client.eventlog.EventLog;
import dev.bulla.attestation.client.evidence.Attester;
import dev.bulla.attestation.client.evidence.Attesters;
import dev.bulla.attestation.client.evidence.InitDataBinding;
import dev.bulla.attestation.protocol.InitDataDocument;
import dev.bulla.guest.pull.GuestResources;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which KBS is asked, and as what. */
final class KbsOptions {
    private static final int MAX_CERTIFICATES = 1 << 20;

    @Option(names = "--kbs", paramLabel = "URL", description = "the KBS that releases keys, policies and credentials")
    private @Nullable String url;

    @Option(
            names = "--kbs-cert",
            paramLabel = "FILE",
            description = "PEM certificates: the only roots under which the KBS is trusted")
    private @Nullable Path certificate;

    @Option(
            names = "--insecure-kbs-http",
            description = "speak to the KBS over plain HTTP; it then gives layer keys only")
    private boolean insecureHttp;

    @Option(
            names = "--tee",
            paramLabel = "KIND",
            description =
                    "whose evidence the KBS is shown; needed with --kbs: auto (what bulla doctor finds), tdx, snp, cca, tpm,"
                            + " az-snp-vtpm, az-tdx-vtpm, or sample (proves nothing)")
    private @Nullable String tee;

    @Option(
            names = "--offline-fs-kbc",
            paramLabel = "FILE",
            description =
                    "take kbs:/// resources from this JSON file of guest-components' offline_fs_kbc instead of a KBS;"
                            + " nothing is attested, and whoever reads the file has the keys in it (repeatable)")
    private List<Path> offlineFiles = List.of();

    @Mixin
    private KbsSessionOptions session = new KbsSessionOptions();

    /** Where {@code kbs:} resources come from: this client's KBS, or the files that were named in its place. */
    GuestResources resources(Optional<KbsClient> kbs) throws CommandException, KbsConfigurationException {
        if (offlineFiles.isEmpty()) {
            return new GuestResources(kbs.map(KbsResourceSource::new));
        }
        OfflineFsKbc offline = OfflineFsKbc.load(offlineFiles);
        if (!offline.warnings().isEmpty()) {
            // Files that a command line names are meant to be there, and to agree.
            throw new CommandException(
                    ExitCode.USAGE, "--offline-fs-kbc: " + offline.warnings().getFirst());
        }
        return GuestResources.offline(offline);
    }

    /** The client of the KBS that was named, if one was, by a TEE of this machine; nothing is sent yet. */
    KbsAccess open() throws CommandException, AttestationException, IOException {
        return open(() -> GuestTee.attesters(Path.of("/"), EventLog.DEFAULT_FILE), false);
    }

    /**
     * The same where events may be measured.
     *
     * @param attesters among which {@code --tee} chooses; asked for only where it is given
     * @param measures whether the TEE's registers are of use without a KBS too
     */
    KbsAccess open(Supplier<Attesters> attesters, boolean measures)
            throws CommandException, AttestationException, IOException {
        if (url != null && !offlineFiles.isEmpty()) {
            throw new CommandException(ExitCode.USAGE, "--kbs and --offline-fs-kbc: expected one of them");
        }
        if (url == null) {
            if (certificate != null || insecureHttp || (tee != null && !measures) || session.given()) {
                throw new CommandException(
                        ExitCode.USAGE,
                        "--kbs-cert, --insecure-kbs-http, --tee, --kbs-key-algorithm and --initdata say how to ask a KBS:"
                                + " name it by --kbs URL");
            }
            return new KbsAccess(
                    tee == null ? Optional.empty() : Optional.of(attesters.get().named(tee)),
                    Optional.empty(),
                    Optional.empty());
        }
        if (tee == null) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "--kbs: no TEE is named whose evidence could be shown: what is found is asked for by --tee auto, the"
                            + " sample one, which proves nothing, by --tee sample");
        }
        Attester attester = attesters.get().named(tee);
        KbsClient.Builder builder = KbsClient.builder(parse(url), attester);
        if (certificate != null) {
            builder.pinnedRoots(readBounded(certificate));
        }
        if (insecureHttp) {
            builder.insecureHttp();
        }
        session.applyTo(builder);
        Optional<InitDataDocument> initData = session.initData();
        Optional<String> note = Optional.empty();
        if (initData.isPresent()) {
            if (attester.checkInitData(initData.get()) == InitDataBinding.NOT_OFFERED) {
                note = Optional.of("initdata: " + attester.tee().wireName()
                        + " evidence does not say which the guest was started with");
            }
            builder.initData(initData.get());
        }
        return new KbsAccess(Optional.of(attester), Optional.of(builder.build()), note);
    }

    private static URI parse(String url) throws CommandException {
        try {
            return new URI(url);
        } catch (URISyntaxException e) {
            throw new CommandException(ExitCode.USAGE, "--kbs: not a URL: " + e.getReason(), e);
        }
    }

    private static byte[] readBounded(Path file) throws CommandException, IOException {
        if (!Files.isRegularFile(file) || Files.size(file) > MAX_CERTIFICATES) {
            throw new CommandException(
                    ExitCode.USAGE, "--kbs-cert: " + file + " is not a file of at most " + MAX_CERTIFICATES + " bytes");
        }
        return Files.readAllBytes(file);
    }
}
