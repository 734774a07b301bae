"""Bounces as mail servers write them. {number} is the Message-ID of the mail that did not arrive."""

POSTFIX = """\
Return-Path: <>
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: help@solidarity.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

<ana@example.org>: host mx.example.org said: 550 5.1.1 User unknown

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; ana@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--b
Content-Type: text/rfc822-headers

From: help@solidarity.example
To: ana@example.org
Message-ID: {number}

--b--
"""

GMAIL = """\
Return-Path: <>
From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
To: help@solidarity.example
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
References: {number}
In-Reply-To: {number}
X-Failed-Recipients: ana@example.org
MIME-Version: 1.0
Content-Type: multipart/report; boundary="g"; report-type=delivery-status

--g
Content-Type: multipart/related; boundary="h"

--h
Content-Type: text/html; charset="UTF-8"

<p>Address not found</p>
--h--
--g
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.com
Final-Recipient: rfc822; ana@example.org
Action: failed
Status: 5.1.1

--g--
"""

EXCHANGE = """\
Return-Path: <>
From: Microsoft Outlook <MicrosoftExchange329e71ec@example.org>
To: <help@solidarity.example>
Subject: Undeliverable: Information
MIME-Version: 1.0
Auto-Submitted: auto-replied
X-MS-Exchange-Message-Is-Ndr:
Content-Type: multipart/report; report-type=delivery-status; boundary="e"

--e
Content-Type: text/plain; charset="utf-8"

Your message to ana@example.org couldn't be delivered. The mailbox is full.

--e
Content-Type: message/delivery-status

Reporting-MTA: dns;mail.example.org
Final-Recipient: rfc822;ana@example.org
Action: failed
Status: 5.2.2

--e
Content-Type: message/rfc822

From: help@solidarity.example
Message-ID: {number}
Subject: Information

Hello
--e--
"""

QMAIL = """\
Return-Path: <>
From: MAILER-DAEMON@mx.example.net
To: help@solidarity.example
Subject: failure notice

Hi. This is the qmail-send program at mx.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<ana@example.org>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <help@solidarity.example>
Message-ID: {number}
Subject: Information

Hello
"""

DELAYED = POSTFIX.replace("Action: failed", "Action: delayed").replace("5.1.1", "4.4.1").replace("550", "450")
BOUNCES = {"postfix": POSTFIX, "gmail": GMAIL, "exchange": EXCHANGE, "qmail": QMAIL}
