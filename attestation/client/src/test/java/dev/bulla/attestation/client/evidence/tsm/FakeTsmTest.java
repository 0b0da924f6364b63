package dev.bulla.attestation.client.evidence.tsm;

/** That the stand-in keeps the contract. */
class FakeTsmTest extends TsmReportFilesContract {
    @Override
    TsmReportFiles files() {
        return new FakeTsm();
    }
}
