package dev.bulla.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import okhttp3.Dns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressReachTest {

    @ParameterizedTest
    @CsvSource({
        "93.184.215.14, GLOBAL",
        "2606:2800:21f:cb07::1, GLOBAL",
        "10.0.0.1, PRIVATE",
        "172.16.0.1, PRIVATE",
        "172.32.0.1, GLOBAL",
        "192.168.255.255, PRIVATE",
        "100.64.0.1, PRIVATE",
        "100.127.255.255, PRIVATE",
        "100.128.0.0, GLOBAL",
        "0.1.2.3, PRIVATE",
        "fd00:ec2::254, PRIVATE",
        "fc00::1, PRIVATE",
        "127.0.0.1, LOOPBACK",
        "127.255.0.9, LOOPBACK",
        "::1, LOOPBACK",
        "0.0.0.0, LOOPBACK",
        "::, LOOPBACK",
        "169.254.169.254, LINK_LOCAL",
        "fe80::1, LINK_LOCAL",
        "224.0.0.1, LINK_LOCAL",
        "ff02::1, LINK_LOCAL",
        "::ffff:169.254.169.254, LINK_LOCAL",
        "::ffff:10.0.0.1, PRIVATE",
        "::127.0.0.1, LOOPBACK",
        "64:ff9b::a9fe:a9fe, LINK_LOCAL",
        "64:ff9b::808:808, GLOBAL",
    })
    void of_address_isItsReach(String address, AddressReach expected) throws UnknownHostException {
        assertThat(AddressReach.of(InetAddress.getAllByName(address)[0])).isEqualTo(expected);
    }

    @Test
    void guard_mixedAddresses_keepsTheFarOnes() throws UnknownHostException {
        InetAddress far = InetAddress.getAllByName("93.184.215.14")[0];
        InetAddress near = InetAddress.getAllByName("127.0.0.1")[0];
        Dns dns = host -> List.of(near, far);
        assertThat(AddressReach.PRIVATE.guard(dns).lookup("x")).containsExactly(far);
        assertThat(AddressReach.LOOPBACK.guard(dns).lookup("x")).containsExactly(near, far);
    }

    @Test
    void guard_onlyNearAddresses_isRefused() throws UnknownHostException {
        InetAddress near = InetAddress.getAllByName("169.254.169.254")[0];
        assertThatThrownBy(
                        () -> AddressReach.LOOPBACK.guard(host -> List.of(near)).lookup("x"))
                .isInstanceOf(AddressReach.TooNearException.class);
    }
}
