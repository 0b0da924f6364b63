package dev.bulla.attestation.client.evidence;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.client.KbsConfigurationException;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.oci.Quoted;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The attesters that a guest may be asked for by name: ours, and those that are handed in.
 *
 * <p><b>Security.</b> {@code auto} is whatever the guest's hardware offers, or a refusal; it is never sample.
 */
public final class Attesters {
    /** The name that asks for what {@link #detect} finds. */
    public static final String AUTO = "auto";

    private static final List<Tee> OURS = List.of(Tee.TDX, Tee.SNP, Tee.CCA, Tee.TPM, Tee.AZ_SNP_VTPM, Tee.AZ_TDX_VTPM);

    private final TeeInterfaces interfaces;
    private final Map<Tee, Attester> extra = new EnumMap<>(Tee.class);

    private Attesters(TeeInterfaces interfaces) {
        this.interfaces = requireNonNull(interfaces, "interfaces is null");
    }

    /**
     * @param extra attesters of other kinds than ours, one a kind
     * @throws IllegalArgumentException when two are of one kind, or one is of a kind of ours
     */
    public static Attesters of(TeeInterfaces interfaces, List<Attester> extra) {
        Attesters attesters = new Attesters(interfaces);
        for (Attester attester : extra) {
            Tee tee = attester.tee();
            if (OURS.contains(tee) || tee == Tee.SAMPLE || attesters.extra.putIfAbsent(tee, attester) != null) {
                throw new IllegalArgumentException("a second attester of " + tee.wireName());
            }
        }
        return attesters;
    }

    /** Every name that {@link #named} takes, in no particular order of preference. */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        names.add(AUTO);
        OURS.forEach(tee -> names.add(tee.wireName()));
        extra.keySet().forEach(tee -> names.add(tee.wireName()));
        names.add(Tee.SAMPLE.wireName());
        return List.copyOf(names);
    }

    /** Looks for every kind of TEE. */
    public TeeDetection detect() {
        return TeeDetection.run(interfaces, extra.keySet());
    }

    /**
     * The attester of this name. Of a kind that is named it is not asked whether it is there: its evidence will tell.
     *
     * @throws KbsConfigurationException when there is none of that name
     * @throws EvidenceUnavailableException when the name is {@code auto} and no TEE is found, or none that is supported
     */
    public Attester named(String name) throws KbsConfigurationException, EvidenceUnavailableException {
        if (name.equals(Tee.SAMPLE.wireName())) {
            return new SampleAttester();
        }
        Optional<Tee> tee = name.equals(AUTO) ? Optional.of(detect().detected()) : kind(name);
        return tee.flatMap(this::attester)
                .orElseThrow(() -> new KbsConfigurationException(
                        "TEE " + Quoted.text(name) + ": expected one of " + String.join(", ", names())));
    }

    private Optional<Tee> kind(String name) {
        for (Tee tee : Tee.values()) {
            if (tee.wireName().equals(name)) {
                return Optional.of(tee);
            }
        }
        return Optional.empty();
    }

    private Optional<Attester> attester(Tee tee) {
        return Optional.ofNullable(extra.get(tee)).or(() -> interfaces.attester(tee));
    }
}
