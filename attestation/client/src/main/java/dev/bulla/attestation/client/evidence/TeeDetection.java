package dev.bulla.attestation.client.evidence;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.client.evidence.azure.HclReport;
import dev.bulla.attestation.client.evidence.tpm.Tpm;
import dev.bulla.attestation.client.evidence.tsm.TsmProvider;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.linux.OpenFile;
import dev.bulla.oci.Quoted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which TEE this guest runs in: every kind is looked for, in guest-components' order, and each says why it is or is not.
 *
 * <p><b>Security.</b> Sample evidence is never found. Nor is anything weaker taken instead of what is there: a kind that was
 * found and is not supported, or that could not be looked for, ends the search for those behind it.
 *
 * @param probes what was found of each kind, in the order in which they count
 */
public record TeeDetection(List<Probe> probes) {
    private static final List<Tee> ORDER = List.of(
            Tee.TDX,
            Tee.SGX,
            Tee.AZ_TDX_VTPM,
            Tee.AZ_SNP_VTPM,
            Tee.SNP,
            Tee.CSV,
            Tee.CCA,
            Tee.SE,
            Tee.HYGON_DCU,
            Tee.TPM);

    private static final int MAX_FLAG = 64;

    public TeeDetection {
        probes = List.copyOf(probes);
    }

    /** What came of looking for a kind. */
    public enum Outcome {
        /** It is here, and evidence can be asked of it. */
        PRESENT,
        /** It is here, and no attester for it is. */
        NOT_SUPPORTED,
        /** It could not be looked for. */
        UNKNOWN,
        /** It is not here. */
        ABSENT
    }

    /**
     * One kind that was looked for.
     *
     * @param tee the kind
     * @param outcome whether it is here
     * @param reason by what that was seen, in one line
     */
    public record Probe(Tee tee, Outcome outcome, String reason) {
        public Probe {
            requireNonNull(tee, "tee is null");
            requireNonNull(outcome, "outcome is null");
            requireNonNull(reason, "reason is null");
        }
    }

    /** Looks for every kind; more may be supported than is our own. */
    static TeeDetection run(TeeInterfaces interfaces, Set<Tee> alsoSupported) {
        return new Search(interfaces, alsoSupported).run();
    }

    /**
     * The kind whose evidence is shown where none is named.
     *
     * @throws EvidenceUnavailableException when there is none, or it cannot be told
     */
    public Tee detected() throws EvidenceUnavailableException {
        for (Probe probe : probes) {
            switch (probe.outcome()) {
                case PRESENT -> {
                    return probe.tee();
                }
                case NOT_SUPPORTED, UNKNOWN ->
                    throw new EvidenceUnavailableException("TEE " + probe.tee().wireName() + ": " + probe.reason()
                            + "; nothing else is taken instead unless it is named");
                case ABSENT -> {}
            }
        }
        throw new EvidenceUnavailableException(
                "no TEE was found in this guest; sample evidence is made only when named");
    }

    /** One search, which asks configfs and the TPM once. */
    private static final class Search {
        private final TeeInterfaces interfaces;
        private final Set<Tee> alsoSupported;
        private final Found provider;
        private final Found paravisor;

        /**
         * What an interface says of the TEE.
         *
         * @param name the kind by the interface's name, if there is one
         * @param unknown whether it could not be asked
         * @param reason what it answered
         */
        private record Found(Optional<String> name, boolean unknown, String reason) {}

        Search(TeeInterfaces interfaces, Set<Tee> alsoSupported) {
            this.interfaces = interfaces;
            this.alsoSupported = Set.copyOf(alsoSupported);
            this.provider = provider();
            this.paravisor = paravisor();
        }

        TeeDetection run() {
            List<Probe> probes = new ArrayList<>();
            for (Tee tee : ORDER) {
                probes.add(probe(tee));
            }
            return new TeeDetection(probes);
        }

        private Probe probe(Tee tee) {
            return switch (tee) {
                case TDX -> tsm(tee, TsmProvider.TDX, "dev/tdx_guest");
                case SNP -> tsm(tee, TsmProvider.SEV, "dev/sev-guest");
                case CCA -> tsm(tee, TsmProvider.CCA, "dev/arm-cca-guest");
                case AZ_TDX_VTPM, AZ_SNP_VTPM -> azure(tee);
                case SGX -> foreign(tee, "dev/attestation/attestation_type");
                case CSV -> foreign(tee, "dev/csv-guest");
                case HYGON_DCU -> foreign(tee, "dev/mkfd");
                case SE -> secureExecution();
                default ->
                    interfaces.hasTpm()
                            ? new Probe(tee, Outcome.PRESENT, "a TPM, which no TEE vouches for")
                            : new Probe(tee, Outcome.ABSENT, "no dev/tpmrm0 or dev/tpm0");
            };
        }

        private Probe tsm(Tee tee, TsmProvider expected, String device) {
            if (provider.name().filter(expected.kernelName()::equals).isPresent()) {
                return new Probe(tee, Outcome.PRESENT, provider.reason());
            }
            if (Files.exists(interfaces.path(device))) {
                return new Probe(tee, Outcome.PRESENT, device);
            }
            return new Probe(
                    tee, provider.unknown() ? Outcome.UNKNOWN : Outcome.ABSENT, provider.reason() + ", no " + device);
        }

        private Probe azure(Tee tee) {
            if (paravisor.name().filter(tee.wireName()::equals).isPresent()) {
                return new Probe(tee, Outcome.PRESENT, paravisor.reason());
            }
            return new Probe(tee, paravisor.unknown() ? Outcome.UNKNOWN : Outcome.ABSENT, paravisor.reason());
        }

        private Probe foreign(Tee tee, String device) {
            return Files.exists(interfaces.path(device))
                    ? unsupported(tee, device)
                    : new Probe(tee, Outcome.ABSENT, "no " + device);
        }

        private Probe secureExecution() {
            String flag = "sys/firmware/uv/prot_virt_guest";
            Path path = interfaces.path(flag);
            if (!Files.exists(path)) {
                return new Probe(Tee.SE, Outcome.ABSENT, "no " + flag);
            }
            try (OpenFile file = OpenFile.read(path)) {
                String value = new String(file.readAll(MAX_FLAG), StandardCharsets.ISO_8859_1).strip();
                return value.equals("0")
                        ? new Probe(Tee.SE, Outcome.ABSENT, flag + " is 0")
                        : unsupported(Tee.SE, flag + " is " + Quoted.text(value));
            } catch (IOException e) {
                return new Probe(Tee.SE, Outcome.UNKNOWN, String.valueOf(e.getMessage()));
            }
        }

        private Probe unsupported(Tee tee, String reason) {
            return alsoSupported.contains(tee)
                    ? new Probe(tee, Outcome.PRESENT, reason)
                    : new Probe(tee, Outcome.NOT_SUPPORTED, reason + ", not supported");
        }

        private Found provider() {
            if (!interfaces.tsm().present()) {
                return new Found(Optional.empty(), false, "no configfs-tsm");
            }
            try {
                String name = interfaces.reports().provider();
                return new Found(Optional.of(name), false, "configfs-tsm of " + Quoted.text(name));
            } catch (IOException e) {
                return new Found(
                        Optional.empty(), true, "configfs-tsm: " + Quoted.text(String.valueOf(e.getMessage())));
            }
        }

        private Found paravisor() {
            if (!interfaces.hasTpm()) {
                return new Found(Optional.empty(), false, "no TPM");
            }
            try (Tpm tpm = Tpm.open(interfaces.tpm())) {
                Optional<HclReport> report = AzureVtpm.report(tpm);
                return report.isEmpty()
                        ? new Found(Optional.empty(), false, "no HCL report in the TPM")
                        : new Found(Optional.of(report.get().tee().wireName()), false, "an HCL report in the TPM");
            } catch (EvidenceUnavailableException e) {
                return new Found(Optional.empty(), true, String.valueOf(e.getMessage()));
            }
        }
    }
}
