package dev.bulla.guest.cli;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.KbsClient;
import dev.bulla.attestation.client.MeasurementWatch;
import dev.bulla.attestation.client.evidence.Attester;
import java.util.Optional;

/**
 * What a command line gives the guest to prove itself with.
 *
 * @param attester the TEE, if one is named
 * @param client the client of the KBS, if one is named
 * @param note what is to be known of the initdata that goes there, in one line
 */
record KbsAccess(Optional<Attester> attester, Optional<KbsClient> client, Optional<String> note)
        implements AutoCloseable {
    KbsAccess {
        requireNonNull(attester, "attester is null");
        requireNonNull(client, "client is null");
        requireNonNull(note, "note is null");
    }

    /** Who is to hear of what is measured: the client, whose session does not show it. */
    MeasurementWatch watch() {
        return register -> client.ifPresent(kbs -> kbs.measured(register));
    }

    @Override
    public void close() {
        client.ifPresent(KbsClient::close);
    }
}
