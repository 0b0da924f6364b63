package dev.bulla.kbs.evidence.tdx;

import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonNumber;
import dev.bulla.oci.json.JsonObject;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Collateral whose signatures are Intel's, and which revokes none of the certificates that it and the quote come with.
 *
 * @param at the time at which it was verified
 * @param tcbInfo the platform's levels
 * @param qeIdentity the quoting enclave's
 * @param pckCrl the list of the PCK's issuer
 * @param rootCrl the list of the root
 * @param issued the times at which its parts were issued
 * @param expires the times until which they hold
 */
record VerifiedCollateral(
        Instant at,
        TcbInfo tcbInfo,
        QeIdentity qeIdentity,
        Optional<RevocationList> pckCrl,
        Optional<RevocationList> rootCrl,
        List<Instant> issued,
        List<Instant> expires) {

    /**
     * Verifies collateral.
     *
     * <p>What is issued in the future is refused. What has expired is not: the claim {@code collateral_expiration_status} says
     * so. Certificates must be valid.
     *
     * @param pck the quote's certificates, verified
     */
    static VerifiedCollateral verify(TdxCollateral collateral, CertificateChain pck, Instant at)
            throws EvidenceException {
        CertificateChain tcbChain = signing(collateral.tcbInfoChain(), pck.root(), at, "TCB info chain");
        CertificateChain qeChain = signing(collateral.qeIdentityChain(), pck.root(), at, "QE identity chain");
        TcbInfo tcbInfo;
        QeIdentity qeIdentity;
        try {
            tcbInfo = TcbInfo.parse(SignedDocument.verify(
                    collateral.tcbInfo(), "tcbInfo", tcbChain.leaf().getPublicKey()));
            qeIdentity = QeIdentity.parse(SignedDocument.verify(
                    collateral.qeIdentity(), "enclaveIdentity", qeChain.leaf().getPublicKey()));
        } catch (JsonException e) {
            throw new EvidenceException("TDX collateral: " + e.getMessage());
        }
        requireIssued(tcbInfo.issueDate(), at, "TCB info");
        requireIssued(qeIdentity.issueDate(), at, "QE identity");

        List<Instant> issued = new ArrayList<>(List.of(tcbInfo.issueDate(), qeIdentity.issueDate()));
        List<Instant> expires = new ArrayList<>(List.of(tcbInfo.nextUpdate(), qeIdentity.nextUpdate()));
        List<X509Certificate> certificates = new ArrayList<>(List.of(pck.root(), tcbChain.leaf(), qeChain.leaf()));
        Optional<RevocationList> pckCrl = Optional.empty();
        if (collateral.pckCrl().isPresent()) {
            String what = "TDX collateral: PCK revocation list";
            RevocationList list = RevocationList.verify(collateral.pckCrl().get(), pck.issuer(), at, what);
            list.require(pck.leaf(), what);
            issued.add(list.issued());
            expires.add(list.expires());
            certificates.add(pck.issuer());
            pckCrl = Optional.of(list);
        }
        Optional<RevocationList> rootCrl = Optional.empty();
        if (collateral.rootCrl().isPresent()) {
            String what = "TDX collateral: root revocation list";
            RevocationList list = RevocationList.verify(collateral.rootCrl().get(), pck.root(), at, what);
            for (X509Certificate certificate : List.of(pck.issuer(), tcbChain.leaf(), qeChain.leaf())) {
                list.require(certificate, what);
            }
            issued.add(list.issued());
            expires.add(list.expires());
            rootCrl = Optional.of(list);
        }
        for (X509Certificate certificate : certificates) {
            issued.add(certificate.getNotBefore().toInstant());
            expires.add(certificate.getNotAfter().toInstant());
        }
        return new VerifiedCollateral(
                at, tcbInfo, qeIdentity, pckCrl, rootCrl, List.copyOf(issued), List.copyOf(expires));
    }

    private static CertificateChain signing(byte[] pem, X509Certificate root, Instant at, String what)
            throws EvidenceException {
        String where = "TDX collateral: " + what;
        CertificateChain chain = CertificateChain.verify(pem, root, at, where);
        chain.requireLeaf(IntelRoot.TCB_SIGNING, where);
        if (chain.path().size() != 1) {
            throw new EvidenceException(where + ": the TCB signing certificate is not the root's");
        }
        return chain;
    }

    private static void requireIssued(Instant issueDate, Instant at, String what) throws EvidenceException {
        if (issueDate.isAfter(at)) {
            throw new EvidenceException("TDX collateral: " + what + ": issued at " + issueDate + ", which is not yet");
        }
    }

    /**
     * Judges the platform, module and quoting enclave behind a quote.
     *
     * @return the claims, in Trustee's names
     * @throws EvidenceException when the collateral is of another platform, no level is reached, or a level is revoked
     */
    JsonObject judge(TdxQuote quote, PckExtension platform) throws EvidenceException {
        tcbInfo.requirePlatform(platform);
        TcbVerdict qe = qeIdentity.judge(quote.qeReport());
        TcbVerdict launch = tcbInfo.judge(platform, quote.field(TdField.TCB_SVN), quote, qe);
        Optional<TcbVerdict> current = Optional.empty();
        if (quote.isTdx15()) {
            current = Optional.of(tcbInfo.judge(platform, quote.field(TdField.TEE_TCB_SVN2), quote, qe));
        }
        TcbStatus status =
                current.isPresent() ? launch.status().given(current.get().status()) : launch.status();
        if (status == TcbStatus.REVOKED
                || current.filter(c -> c.status() == TcbStatus.REVOKED).isPresent()) {
            throw new EvidenceException("TDX collateral: the TCB level is revoked");
        }
        boolean expired = expires.stream().anyMatch(time -> time.isBefore(at));
        JsonObject.Builder claims = JsonObject.builder()
                .put("tcb_status", status.text())
                .put("tcb_date", launch.date().toString())
                .put("advisory_ids", JsonArray.ofStrings(launch.advisories()))
                .put("collateral_expiration_status", expired ? "1" : "0")
                .put("earliest_issue_date", Collections.min(issued).toString())
                .put("latest_issue_date", Collections.max(issued).toString())
                .put("earliest_expiration_date", Collections.min(expires).toString())
                .put("tcb_eval_num", Math.min(tcbInfo.evaluationNumber(), qeIdentity.evaluationNumber()));
        pckCrl.ifPresent(
                list -> claims.put("pck_crl_num", new JsonNumber(list.number().toString())));
        rootCrl.ifPresent(list ->
                claims.put("root_ca_crl_num", new JsonNumber(list.number().toString())));
        current.ifPresent(c -> claims.put("tcb_status_current", c.status().text())
                .put("tcb_date_current", c.date().toString())
                .put("advisory_ids_current", JsonArray.ofStrings(c.advisories())));
        return claims.build();
    }
}
